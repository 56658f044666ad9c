/** What is backed up and restored: a stack's registry on its engine. */
import type Docker from "dockerode";
import { type Owner, stackPrefix, tasksOf } from "../../components/deployment";
import type { StackConfig } from "../../config";
import { runningContainer } from "../../engine/insideHttp";
import { engineOf } from "../release/engine";
import type { OpenStack } from "../release/stack";
import { SetupError } from "../setup/steps";

/** Where a stack's things are. */
export interface Place extends Owner {
    readonly engine: Docker;
    /** Begins each physical name. */
    readonly prefix: string;
}

export interface Target extends Place {
    readonly environment: StackConfig["environment"];
    readonly backend: StackConfig["mlflow"]["backend"];
    /** Name of the registered model. */
    readonly model: string;
}

export async function targetOf(stack: OpenStack): Promise<Target> {
    const { environment, mlflow, model } = stack.config;
    return {
        engine: await engineOf(stack),
        ...stack.owner,
        prefix: stackPrefix(stack.owner),
        environment,
        backend: mlflow.backend,
        model: model.name,
    };
}

/**
 * The running container of a role.
 *
 * @throws SetupError when none runs on this engine
 */
export async function containerOf(target: Place, role: string): Promise<string> {
    const found = await runningContainer(target.engine, tasksOf(target, role));
    if (found === undefined) {
        throw new SetupError(
            `Stack ${target.stack}: no container of ${target.prefix}-${role} runs on this engine. ` +
                `Run: pulumi up --refresh --stack ${target.stack}`,
        );
    }
    return found;
}
