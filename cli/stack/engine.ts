/** The engine of a stack, and its network. */
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { insideNetwork } from "../../components/registry/modelRegistry";
import { connect } from "../../engine/client";
import type { InsideHttp } from "../../engine/streams/insideHttp";
import { RegisteredModel } from "../../components/registry/mlflow";
import type { OpenStack } from "./stack";

export function engineOf({ host }: Pick<OpenStack, "host">): Promise<Docker> {
    return connect(host);
}

/** The stack's registered model. */
export async function modelOf(stack: OpenStack): Promise<RegisteredModel> {
    return new RegisteredModel(await insideOf(stack), stack.config.model.name);
}

/** Sends requests from inside the stack's network. */
export async function insideOf(stack: OpenStack): Promise<InsideHttp> {
    const inside = await insideNetwork({ engine: await engineOf(stack), ...stack.owner });
    if (inside === undefined) {
        throw mistake(
            `Stack ${stack.name}: its MLflow does not run. Run: pulumi up --refresh --stack ${stack.name}`,
        );
    }
    return inside;
}
