/** The target of a backup or a restore: a stack's registry on its engine. */
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { type Owner, stackPrefix, tasksOf } from "../../components/stack/deployment";
import type { StackConfig } from "../../config/schema";
import { runningContainer } from "../../engine/streams/insideHttp";
import { engineOf } from "./engine";
import type { OpenStack } from "./stack";

/** The engine of a stack's things, and the prefix of their names. */
export interface Place extends Owner {
    readonly engine: Docker;
    /** The beginning of each physical name. */
    readonly prefix: string;
}

export interface Target extends Place {
    readonly environment: StackConfig["environment"];
    readonly backend: StackConfig["mlflow"]["backend"];
    /** The name of the registered model. */
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
 * @throws Mistake when none runs on this engine
 */
export async function containerOf(target: Place, role: string): Promise<string> {
    const found = await runningContainer(target.engine, tasksOf(target, role));
    if (found === undefined) {
        throw mistake(
            `Stack ${target.stack}: no container of ${target.prefix}-${role} runs on this engine. ` +
                `Run: pulumi up --refresh --stack ${target.stack}`,
        );
    }
    return found;
}
