/** Gives nodes the one image that they need before they can pull all others from a stack's own registry. */
import { join } from "node:path";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { doorSource } from "../../components/store/images";
import { imageTag } from "../../components/image/sourceImage";
import type { StackConfig } from "../../config/schema";
import { clientAt, hasImage } from "../../engine/client";
import { listNodes, nameOf, type OwnNode, ownNode, type SwarmNode } from "../../engine/nodes";
import { ensureBaseImage } from "../setup/baseImage";
import { buildImage, copyImage } from "../setup/imageBuild";
import { CHECKOUT } from "../local/paths";
import { messageOf, step } from "../terminal/steps";

const UNCHANGED = "Nothing was changed.";

/** A node that somebody asked to be prepared. */
export interface AskedNode {
    readonly name: string;
    readonly engine: Docker;
    /** Whether it has the image. */
    readonly isReady: boolean;
}

/**
 * The image of a node's door to a stack's registry.
 *
 * @throws a mistake when the stack has no registry of its own
 */
export function doorTag({ registry }: Pick<StackConfig, "registry">): string {
    if (!registry.builtIn) {
        throw mistake(
            "registry.builtIn: got false; only a stack with a registry of its own needs prepared nodes. " +
                UNCHANGED,
        );
    }
    return imageTag(doorSource(registry));
}

/**
 * Looks at the engines of nodes.
 *
 * @param manager the stack's engine
 * @param hosts their addresses, in the form of DOCKER_HOST
 * @throws a mistake when one does not answer, or is no node of the swarm, or of another processor
 */
export async function askedNodes(
    manager: Docker,
    tag: string,
    hosts: readonly string[],
): Promise<AskedNode[]> {
    const [nodes, { architecture }] = await Promise.all([listNodes(manager), ownNode(manager)]);
    return Promise.all(hosts.map((host) => askedNode(host, tag, { nodes, architecture })));
}

async function askedNode(
    host: string,
    tag: string,
    swarm: { nodes: readonly SwarmNode[]; architecture: string },
): Promise<AskedNode> {
    const engine = await clientAt(host, {});
    let own: OwnNode;
    try {
        own = await ownNode(engine);
    } catch (error) {
        throw mistake(`${host}: no Docker engine answers (${messageOf(error)}). ${UNCHANGED}`);
    }
    const node = swarm.nodes.find(({ ID }) => ID === own.id);
    if (node === undefined) {
        throw mistake(
            `${host}: is no node of the swarm of the stack's engine, which has ${swarm.nodes.map(nameOf).join(", ")}. ` +
                `Have it join with what docker swarm join-token prints on a manager. ${UNCHANGED}`,
        );
    }
    if (own.architecture !== swarm.architecture) {
        throw mistake(
            `${host}: has processors of the kind ${own.architecture}, and the images are built for ${swarm.architecture}. ` +
                `Keep tasks from it: docker node update --availability drain ${nameOf(node)}. ${UNCHANGED}`,
        );
    }
    return { name: nameOf(node), engine, isReady: await hasImage(engine, tag) };
}

/** Copies the image to nodes. The stack's engine makes it if it has none yet. */
export async function prepareNodes(manager: Docker, tag: string, nodes: readonly AskedNode[]): Promise<void> {
    if (!(await hasImage(manager, tag))) {
        await ensureBaseImage(manager);
        await step(`Image ${tag}, build`, (report) =>
            buildImage(manager, { tag, context: join(CHECKOUT, "images", "image-door") }, report),
        );
    }
    if (nodes.length > 0) {
        const engines = nodes.map(({ engine }) => engine);
        await copyImage(manager, engines, tag);
    }
}
