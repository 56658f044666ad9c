import type Docker from "dockerode";

import { waitFor } from "../../../common/time";
import type { LabNode } from "./node";

const PORT = 2377;
const PATIENCE = { ms: 90_000, everyMs: 200 };

/** A node as the managers of its swarm see it. */
export interface SwarmNode {
    readonly ID: string;
    readonly Version: { readonly Index: number };
    readonly Spec: { readonly Role: "manager" | "worker"; readonly Availability: "active" | "drain" };
    readonly Description: {
        readonly Hostname: string;
        readonly Engine: { readonly EngineVersion: string };
    };
    readonly Status: { readonly State: "ready" | "down" | "unknown" | "disconnected" };
}

/** A task as the managers see it. */
interface Task {
    readonly NodeID: string;
    readonly DesiredState: string;
    readonly Status: { readonly State: string };
}

/** The part of an engine's description that tells its place in a swarm. */
interface State {
    readonly LocalNodeState: string;
    readonly ControlAvailable: boolean;
    /** The reason why a manager cannot answer for the swarm. */
    readonly Error: string;
}

/** The swarm of a lab's nodes. */
export class LabSwarm {
    constructor(private readonly nodes: readonly LabNode[]) {}

    /**
     * Makes the swarm on the first node, and joins the others.
     *
     * @param pool the addresses of the swarm's networks: 10.253.0.0/16
     * @param managers the number of nodes that are managers
     */
    async make(pool: string, managers: number): Promise<void> {
        const [first, ...others] = this.nodes;
        const own = ({ address }: LabNode) => ({ ListenAddr: `0.0.0.0:${PORT}`, AdvertiseAddr: address });
        await first!.docker.swarmInit({ ...own(first!), DefaultAddrPool: [pool], SubnetSize: 24 });
        const { JoinTokens } = (await first!.docker.swarmInspect()) as {
            JoinTokens: { Manager: string; Worker: string };
        };
        const join = (node: LabNode, JoinToken: string) =>
            node.docker.swarmJoin({ ...own(node), RemoteAddrs: [`${first!.address}:${PORT}`], JoinToken });
        // Two managers that join at once can be without a leader for a moment.
        for (const node of others.slice(0, managers - 1)) {
            await join(node, JoinTokens.Manager);
        }
        await Promise.all(others.slice(managers - 1).map((node) => join(node, JoinTokens.Worker)));
        await Promise.all(this.nodes.map((node) => this.becomes(node, "ready")));
    }

    /**
     * A client of a manager that answers for the swarm.
     *
     * @throws each node's reason, when no manager does
     */
    async manager(): Promise<Docker> {
        try {
            return await Promise.any(this.nodes.map(managing));
        } catch (error) {
            const reasons = (error as AggregateError).errors.map(String);
            throw new Error(`no manager answers for the swarm: ${reasons.join("; ")}`);
        }
    }

    /** The node as the managers see it. */
    async seen({ name }: LabNode): Promise<SwarmNode> {
        const nodes = (await (await this.manager()).listNodes()) as SwarmNode[];
        const found = nodes.find(({ Description }) => Description.Hostname === name);
        if (found === undefined) {
            throw new Error(`the swarm does not know ${name}`);
        }
        return found;
    }

    /** The sorted names of the nodes where tasks of a service run. */
    async running(service: string): Promise<string[]> {
        const docker = await this.manager();
        const tasks = (await docker.listTasks({ filters: { service: [service] } })) as Task[];
        const nodes = (await docker.listNodes()) as SwarmNode[];
        const names = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
        return tasks
            .filter(({ DesiredState, Status }) => DesiredState === "running" && Status.State === "running")
            .map(({ NodeID }) => names.get(NodeID) ?? NodeID)
            .sort();
    }

    /**
     * Waits until so many tasks of a service run, none of them on a node with one of the names. In between, the swarm
     * may have no leader.
     *
     * @returns the seconds
     */
    async runs(service: string, tasks: number, ...elsewhere: string[]): Promise<number> {
        const began = Date.now();
        let last: unknown;
        const reached = await waitFor(async () => {
            const nodes = await this.running(service).catch((error: unknown) => error);
            last = nodes;
            return (
                (Array.isArray(nodes) &&
                    nodes.length === tasks &&
                    !elsewhere.some((name) => nodes.includes(name))) ||
                undefined
            );
        }, PATIENCE);
        if (reached === undefined) {
            throw new Error(
                `${service}: expected ${tasks} tasks, none on ${elsewhere.join()}: ${String(last)}`,
            );
        }
        return (Date.now() - began) / 1000;
    }

    /** Waits until the managers see the node in a state. In between, the swarm may have no leader. */
    async becomes(node: LabNode, state: SwarmNode["Status"]["State"]): Promise<void> {
        let last: unknown;
        const reached = await waitFor(async () => {
            last = await this.seen(node).then(
                ({ Status }) => Status.State,
                (error: unknown) => error,
            );
            return last === state || undefined;
        }, PATIENCE);
        if (reached === undefined) {
            throw new Error(`${node.name} did not become ${state}: ${String(last)}`);
        }
    }

    /** Waits until a node that has started is in the swarm again. */
    async returned(node: LabNode): Promise<void> {
        const active = async () => (await stateOf(node)).LocalNodeState === "active" || undefined;
        if ((await waitFor(active, PATIENCE)) === undefined) {
            throw new Error(`${node.name} did not return to the swarm`);
        }
        await this.becomes(node, "ready");
    }

    /** Sets whether the node may have tasks. */
    async setAvailability(node: LabNode, Availability: "active" | "drain"): Promise<void> {
        const { ID, Version, Spec } = await this.seen(node);
        const docker = await this.manager();
        await docker.getNode(ID).update({ ...Spec, version: Version.Index, Availability });
    }
}

async function managing(node: LabNode): Promise<Docker> {
    const { ControlAvailable, Error: problem } = await stateOf(node);
    if (!ControlAvailable || problem !== "") {
        throw new Error(`${node.name}: ${problem === "" ? "is no manager" : problem}`);
    }
    return node.docker;
}

async function stateOf({ docker }: LabNode): Promise<State> {
    return ((await docker.info()) as { Swarm: State }).Swarm;
}
