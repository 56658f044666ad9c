/** The nodes of a swarm as a person reads them. */
import { short } from "../../common/hashes";
import { GIB } from "../../common/units";
import { nameOf, type SwarmNode } from "../../engine/nodes";
import { roomOn } from "../../engine/rollout/room";
import type { Task } from "../../engine/rollout/tasks";

/** A service that has tasks on a node. */
export interface Placed {
    readonly service: string;
    readonly tasks: number;
}

/** A node with its room and its tasks. */
export interface NodeFacts {
    readonly name: string;
    readonly id: string;
    /** "ready", "drain", "down" or another state; with the engine's reason if it gives one. */
    readonly state: string;
    readonly role: "leader" | "manager" | "worker";
    readonly engine: string;
    readonly address: string;
    readonly cpus: { readonly free: number; readonly total: number };
    /** Bytes. */
    readonly memory: { readonly free: number; readonly total: number };
    readonly labels: Readonly<Record<string, string>>;
    readonly runs: readonly Placed[];
}

/** The facts of each node. `services` has the names of services by their ids. */
export function factsOf(
    nodes: readonly SwarmNode[],
    tasks: readonly Task[],
    services: ReadonlyMap<string, string>,
): NodeFacts[] {
    return nodes.map((node) => {
        const { total, free } = roomOn(node, tasks);
        return {
            name: nameOf(node),
            id: node.ID,
            state: stateOf(node),
            role: node.ManagerStatus?.Leader === true ? "leader" : node.Spec.Role,
            engine: node.Description.Engine.EngineVersion,
            address: addressOf(node),
            cpus: { free: free.cpus, total: total.cpus },
            memory: { free: free.bytes, total: total.bytes },
            labels: node.Spec.Labels ?? {},
            runs: placedOf(
                tasks.filter((task) => task.NodeID === node.ID),
                services,
            ),
        };
    });
}

function stateOf({ Spec, Status, ManagerStatus }: SwarmNode): string {
    const state =
        Status.State !== "ready"
            ? Status.State
            : Spec.Availability === "active"
              ? "ready"
              : Spec.Availability;
    const reached = ManagerStatus === undefined || ManagerStatus.Reachability === "reachable";
    const why = [Status.Message ?? "", reached ? "" : "its manager is unreachable"].filter((it) => it !== "");
    return why.length === 0 ? state : `${state} (${why.join("; ")})`;
}

/** A manager that was alone when the swarm was made has no address but the one that it advertises. */
function addressOf({ Status, ManagerStatus }: SwarmNode): string {
    const unknown = Status.Addr === undefined || Status.Addr === "0.0.0.0";
    return unknown ? (ManagerStatus?.Addr.replace(/:\d+$/, "") ?? "") : Status.Addr!;
}

function placedOf(tasks: readonly Task[], services: ReadonlyMap<string, string>): Placed[] {
    const counts = new Map<string, number>();
    for (const { ServiceID = "", Status, DesiredState } of tasks) {
        // On a node that is down, a task's last known state stays as it is.
        if (Status.State === "running" && DesiredState === "running") {
            const service = services.get(ServiceID) ?? ServiceID;
            counts.set(service, (counts.get(service) ?? 0) + 1);
        }
    }
    return [...counts]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([service, count]) => ({ service, tasks: count }));
}

/** The nodes as rows, with a heading. */
export function nodeRows(facts: readonly NodeFacts[]): string[][] {
    return [
        ["node", "id", "state", "role", "engine", "address", "CPUs free", "memory free", "labels"],
        ...facts.map(({ name, id, state, role, engine, address, cpus, memory, labels }) => [
            name,
            short(id),
            state,
            role,
            engine,
            address,
            ...(isDown(state)
                ? ["-", "-"]
                : [
                      `${amount(cpus.free)} of ${amount(cpus.total)}`,
                      `${amount(memory.free / GIB)} of ${amount(memory.total / GIB)} GiB`,
                  ]),
            Object.entries(labels)
                .sort()
                .map(([key, value]) => `${key}=${value}`)
                .join(" ") || "-",
        ]),
    ];
}

function isDown(state: string): boolean {
    return state.startsWith("down");
}

function amount(value: number): string {
    return String(Number(value.toFixed(2)));
}

/** What runs where, a row for each node: its name, and its services with the number of their tasks if it is not one. */
export function placedRows(facts: readonly NodeFacts[]): string[][] {
    return facts.map(({ name, runs }) => [
        name,
        runs.map(({ service, tasks }) => (tasks === 1 ? service : `${service} (${tasks})`)).join(", ") ||
            "nothing",
    ]);
}

/** Things of a swarm that will trouble its stacks, a sentence each. */
export function troubles(facts: readonly NodeFacts[]): string[] {
    const versions = [...new Set(facts.map(({ engine }) => engine))].sort();
    const managers = facts.filter(({ role }) => role !== "worker").length;
    return [
        ...(versions.length > 1
            ? [
                  `The nodes have different engines: ${versions.join(", ")}. Raise the older ones, one node at a time.`,
              ]
            : []),
        ...(managers === 2
            ? [
                  "Two managers are worse than one: if either is lost, no service can be changed. Have one or three.",
              ]
            : []),
        ...facts
            .filter(({ state }) => isDown(state))
            .map(
                ({ name }) =>
                    `${name} is down: its tasks are started elsewhere, and volumes on it cannot be reached.`,
            ),
    ];
}
