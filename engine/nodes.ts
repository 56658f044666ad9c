/**
 * The nodes of an engine's swarm.
 * Source: Engine API, "List nodes" and "Update a node", https://docs.docker.com/reference/api/engine/
 */
import type Docker from "dockerode";

import { statusOf } from "./client";
import { whyNoManager } from "./manager";

/** A node in the engine's answer. */
export interface SwarmNode {
    ID: string;
    Version: { Index: number };
    Spec: {
        Name?: string;
        Role: "manager" | "worker";
        Availability: string;
        Labels?: Record<string, string>;
    };
    Description: {
        Hostname: string;
        Engine: { EngineVersion: string };
        Resources: { NanoCPUs?: number; MemoryBytes?: number };
    };
    Status: { State: string; Message?: string; Addr?: string };
    ManagerStatus?: { Leader?: boolean; Reachability: string; Addr: string };
}

/** An engine that is no manager of a swarm cannot say anything about nodes. */
const NO_MANAGER = 503;
/** Neither can a manager that has lost too many others. */
const NO_LEADER = /does not have a leader|context deadline exceeded/i;

/**
 * The nodes of the engine's swarm, by their names.
 *
 * @throws a mistake when the engine is no manager, or its swarm has no leader
 */
export async function listNodes(engine: Docker): Promise<SwarmNode[]> {
    try {
        const nodes = (await engine.listNodes()) as unknown as SwarmNode[];
        return nodes.sort((a, b) => nameOf(a).localeCompare(nameOf(b)) || a.ID.localeCompare(b.ID));
    } catch (error) {
        if (statusOf(error) === NO_MANAGER || NO_LEADER.test(String(error))) {
            throw await whyNoManager(engine);
        }
        throw error;
    }
}

/** An engine's own node in its swarm. */
export interface OwnNode {
    readonly id: string;
    /** How many managers the swarm has. */
    readonly managers: number;
    /** The kind of its processors, for which it builds images: "x86_64". */
    readonly architecture: string;
}

/** Which node of its swarm an engine is. */
export async function ownNode(engine: Docker): Promise<OwnNode> {
    const { Swarm, Architecture } = (await engine.info()) as {
        Swarm: { NodeID: string; Managers?: number };
        Architecture: string;
    };
    return { id: Swarm.NodeID, managers: Swarm.Managers ?? 0, architecture: Architecture };
}

/** Whether a node takes tasks. */
export function takesTasks({ Spec, Status }: Pick<SwarmNode, "Spec" | "Status">): boolean {
    return Spec.Availability === "active" && Status.State === "ready";
}

/** The name of a node's host. Two nodes may have the same one. */
export function nameOf({ Description }: Pick<SwarmNode, "Description">): string {
    return Description.Hostname;
}

/** Gives a node these labels, and takes away those that are not among them. The node stays as it is otherwise. */
export async function setLabels(
    engine: Docker,
    node: SwarmNode,
    labels: Record<string, string>,
): Promise<void> {
    // The engine refuses an update of a node that somebody else has changed meanwhile.
    await engine
        .getNode(node.ID)
        .update({ _query: { version: node.Version.Index }, _body: { ...node.Spec, Labels: labels } });
}
