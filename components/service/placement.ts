import type { Placement } from "../../config/registry/placement";
import { nameOf, type SwarmNode, takesTasks } from "../../engine/nodes";
import type { Deployment } from "../stack/deployment";
import type { Mount } from "./mounts";

/**
 * The nodes that a service's tasks may be on: any node; the node with the stack's volumes; the managers; or the
 * managers besides that node.
 */
export type Where = "anywhere" | "state" | "managers" | "otherManagers";

/** The engine's constraints for each. Source: https://docs.docker.com/reference/cli/docker/service/create/#constraint */
const CONSTRAINTS: Readonly<Record<Where, (stateNode: string) => string[]>> = {
    anywhere: () => [LINUX],
    state: (id) => [onNode(id)],
    managers: () => [MANAGER],
    otherManagers: (id) => [`node.id!=${id}`, MANAGER],
};
const MANAGER = "node.role==manager";
/**
 * True for each node that runs the stack's images. The engine notes the platforms of an image from a registry in the
 * place of its service, and where nothing is declared there, each preview would show that as a change.
 */
const LINUX = "node.platform.os==linux";

/** Keeps a service's tasks on a node. */
export function onNode(id: string): string {
    return `node.id==${id}`;
}

/**
 * The nodes for tasks with these mounts. A volume or a folder of the stack is on one node only, and so are the images
 * of a stack without a registry.
 */
export function whereFor(
    mounts: readonly Mount[],
    wanted: Where | undefined,
    { images }: Pick<Deployment, "images">,
): Where {
    const needsState = mounts.some(
        (mount) => mount.kind === "host" || (mount.kind === "volume" && mount.onEachNode !== true),
    );
    return needsState ? "state" : (wanted ?? (images === undefined ? "state" : "anywhere"));
}

/**
 * The declaration of a service's place.
 *
 * @param more what the configuration says of it besides
 */
export function renderPlacement(
    where: Where,
    { stateNode }: Pick<Deployment, "stateNode">,
    { constraints, spread }: Placement = { constraints: [] },
) {
    return {
        constraints: [...CONSTRAINTS[where](stateNode), ...constraints],
        ...(spread === undefined ? {} : { prefs: [`spread=${spread}`] }),
    };
}

/** The nodes that can take tasks of such a service now, by their names. */
export function nodesFor(
    where: Where,
    nodes: readonly SwarmNode[],
    { stateNode }: Pick<Deployment, "stateNode">,
): string[] {
    const fits: Readonly<Record<Where, (node: SwarmNode) => boolean>> = {
        anywhere: () => true,
        state: ({ ID }) => ID === stateNode,
        managers: isManager,
        otherManagers: (node) => isManager(node) && node.ID !== stateNode,
    };
    return nodes.filter((node) => takesTasks(node) && fits[where](node)).map(nameOf);
}

function isManager({ Spec }: SwarmNode): boolean {
    return Spec.Role === "manager";
}
