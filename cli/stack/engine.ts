/** The engine of a stack, and its network. */
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { insideFront, insideRegistry } from "../../components/registry/senders";
import { connect } from "../../engine/client";
import type { InsideHttp } from "../../engine/streams/insideHttp";
import { RegisteredModel } from "../../components/registry/mlflow";
import type { OpenStack } from "./stack";

export function engineOf({ host }: Pick<OpenStack, "host">): Promise<Docker> {
    return connect(host);
}

/** The stack's registered model. */
export async function modelOf(stack: OpenStack): Promise<RegisteredModel> {
    return new RegisteredModel(await sender(stack, "MLflow", insideRegistry), stack.config.model.name);
}

/** Sends requests in the network of what answers the stack's users. */
export function insideOf(stack: OpenStack): Promise<InsideHttp> {
    return sender(stack, "gateway", insideFront);
}

/** @throws a mistake when the container that sends does not run */
async function sender(
    stack: OpenStack,
    part: string,
    from: typeof insideFront | typeof insideRegistry,
): Promise<InsideHttp> {
    const inside = await from({ engine: await engineOf(stack), ...stack.owner });
    if (inside === undefined) {
        throw mistake(
            `Stack ${stack.name}: its ${part} does not run. Run: pulumi up --refresh --stack ${stack.name}`,
        );
    }
    return inside;
}
