import type Docker from "dockerode";

import { mistake } from "../../common/mistake";
import { existing } from "../../engine/client";
import { listNodes, nameOf, ownNode } from "../../engine/nodes";
import { listTasks, runs } from "../../engine/rollout/tasks";
import type { Deployment } from "./deployment";

/** The constraint that keeps a service on one node: components/service/placement.ts. */
const ON_NODE = /^node\.id *== *(\w+)$/;

/**
 * Looks at the swarm: the node that has the stack's volumes, and the number of managers. The volumes are on the node
 * on which the engine keeps the given service, else on the engine's own node. A task that started on another node
 * would begin with empty volumes, and nobody would notice.
 *
 * @param service the physical name of a service that keeps its state on a volume
 * @throws a mistake when the engine is another node's, because the program reads and fills volumes through the engine
 */
export async function swarmOf(
    engine: Docker,
    service: string,
): Promise<Pick<Deployment, "stateNode" | "managers">> {
    const [kept, own] = await Promise.all([keptOn(engine, service), ownNode(engine)]);
    if (kept !== undefined && kept !== own.id) {
        throw await otherNode(engine, own.id, kept);
    }
    return { stateNode: own.id, managers: own.managers };
}

async function otherNode(engine: Docker, own: string, kept: string): Promise<Error> {
    const nodes = await listNodes(engine);
    const holder = nodes.find(({ ID }) => ID === kept);
    const [here] = nodes.filter(({ ID }) => ID === own).map(nameOf);
    if (holder === undefined) {
        return mistake(
            `the stack's volumes are on a node ${kept}, which the swarm no longer has; bring it back, or destroy ` +
                "the stack and restore a backup (docs/operations.md)",
        );
    }
    const { State } = holder.Status;
    return mistake(
        `docker:host: names the engine of ${here}; the stack's volumes are on ${nameOf(holder)}, which is ${State}. ` +
            (State === "ready" ? "Name the engine of that node" : "Bring it back, and name its engine"),
    );
}

/** The node that a service must be on, or is on if nothing is said; undefined when there is no such service. */
async function keptOn(engine: Docker, name: string): Promise<string | undefined> {
    const service = await existing(engine.getService(name).inspect() as Promise<Docker.Service>);
    if (service === undefined) {
        return undefined;
    }
    const constraints = service.Spec?.TaskTemplate?.Placement?.Constraints ?? [];
    const [said] = constraints.flatMap((it) => ON_NODE.exec(it)?.[1] ?? []);
    return said ?? (await listTasks(engine, service.ID)).find(runs)?.NodeID;
}
