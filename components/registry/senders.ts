import { InsideHttp, runningContainer } from "../../engine/streams/insideHttp";
import { ACCESS_ROLE, GATEWAY_ROLE } from "../gateway/endpoint";
import { type Deployment, type Owner, tasksOf } from "../stack/deployment";
import { REGISTRY_ROLE } from "./modelRegistry";

/**
 * Sends requests to a stack's registry, out of the registry's own container.
 *
 * @returns undefined when the registry does not run
 */
export async function insideRegistry(
    of: Owner & Pick<Deployment, "engine">,
): Promise<InsideHttp | undefined> {
    const container = await runningContainer(of.engine, tasksOf(of, REGISTRY_ROLE));
    return container === undefined ? undefined : new InsideHttp(of.engine, container);
}

/**
 * Sends requests in the network of what answers users, out of the container of a task of the gateway.
 *
 * @returns undefined when no such task runs
 */
export async function insideFront(of: Owner & Pick<Deployment, "engine">): Promise<InsideHttp | undefined> {
    const container =
        (await runningContainer(of.engine, tasksOf(of, ACCESS_ROLE))) ??
        // Where there are several managers, the tasks behind the front may be on others.
        (await runningContainer(of.engine, tasksOf(of, GATEWAY_ROLE))) ??
        // The stack of an earlier release has no such task, and its registry is in that network.
        (await runningContainer(of.engine, tasksOf(of, REGISTRY_ROLE)));
    return container === undefined ? undefined : new InsideHttp(of.engine, container);
}
