import type Docker from "dockerode";

import { GIB, NANOS_PER_CPU } from "../../common/units";
import { type SwarmNode, takesTasks } from "../nodes";
import { isOnNode, type Task } from "./tasks";

/** The amounts that tasks reserve or that a node has left: bytes of memory, and cores. */
export interface Amounts {
    cpus: number;
    bytes: number;
}

/** The amounts that each task of a service reserves. */
export interface Reservation extends Amounts {
    /** The configuration key of the reservation, for messages: "serving.reservations". */
    key: string;
}

/** A node that takes tasks. */
export interface NodeRoom {
    id: string;
    total: Amounts;
    /** The amounts that no task has reserved. */
    free: Amounts;
}

/** The part of a node that its room depends on. */
type Node = Pick<SwarmNode, "ID"> & { Description: Pick<SwarmNode["Description"], "Resources"> };

/** The nodes of the engine's swarm that take tasks, with the amounts that the given tasks leave on them. */
export async function roomOf(engine: Docker, tasks: readonly Task[]): Promise<NodeRoom[]> {
    const nodes = (await engine.listNodes()) as unknown as SwarmNode[];
    return nodes.filter(takesTasks).map((node) => roomOn(node, tasks));
}

/** The amounts that a node has, and those that the given tasks leave there. Tasks of other nodes do not count. */
export function roomOn({ ID, Description: { Resources } }: Node, tasks: readonly Task[]): NodeRoom {
    const total = {
        cpus: (Resources.NanoCPUs ?? 0) / NANOS_PER_CPU,
        bytes: Resources.MemoryBytes ?? 0,
    };
    const reserved = tasks.filter((task) => task.NodeID === ID && isOnNode(task)).map(reservedBy);
    return { id: ID, total, free: reserved.reduce(minus, total) };
}

/** The amounts that a task reserves. */
export function reservedBy({ Spec }: Pick<Task, "Spec">): Amounts {
    const { NanoCPUs = 0, MemoryBytes = 0 } = Spec.Resources?.Reservations ?? {};
    return { cpus: NanoCPUs / NANOS_PER_CPU, bytes: MemoryBytes };
}

/**
 * Places a number of further tasks, each on the node with the most room.
 *
 * @returns the nodes with the amounts that are left then; undefined when a task finds no room
 */
export function place(rooms: readonly NodeRoom[], wanted: Amounts, count: number): NodeRoom[] | undefined {
    const left = [...rooms];
    for (let placed = 0; placed < count; placed += 1) {
        const fitting = left.filter(({ free }) => fits(free, wanted));
        const [most] = fitting.sort((a, b) => b.free.bytes - a.free.bytes || b.free.cpus - a.free.cpus);
        if (most === undefined) {
            return undefined;
        }
        left[left.indexOf(most)] = { ...most, free: minus(most.free, wanted) };
    }
    return left;
}

/** Says why further tasks have no room, with the configuration key and the numbers of the missing amounts. */
export function lack(rooms: readonly NodeRoom[], wanted: Reservation, count: number): string {
    const only = (part: Partial<Amounts>) => ({ cpus: 0, bytes: 0, ...part });
    const where = rooms.length === 1 ? "the engine has" : `the roomiest of ${rooms.length} nodes has`;
    const most = (amount: (room: NodeRoom) => number) => Math.max(0, ...rooms.map(amount));
    const tasks = count === 1 ? "a task more" : `each of ${count} tasks more`;
    const memory = place(rooms, only({ bytes: wanted.bytes }), count) === undefined;
    const cpus = place(rooms, only({ cpus: wanted.cpus }), count) === undefined;
    const both = !memory && !cpus;
    const lines = [
        ...(memory || both
            ? [
                  `${wanted.key}.memory: ${tasks} needs ${gib(wanted.bytes)}; ${where} ` +
                      `${gib(most(({ free }) => free.bytes))} of ${gib(most(({ total }) => total.bytes))} unreserved`,
              ]
            : []),
        ...(cpus || both
            ? [
                  `${wanted.key}.cpus: ${tasks} needs ${cores(wanted.cpus)}; ${where} ` +
                      `${cores(most(({ free }) => free.cpus))} of ${cores(most(({ total }) => total.cpus))} unreserved`,
              ]
            : []),
    ];
    return lines.join("\n");
}

function fits(free: Amounts, wanted: Amounts): boolean {
    return free.cpus >= wanted.cpus && free.bytes >= wanted.bytes;
}

function minus(a: Amounts, b: Amounts): Amounts {
    // The engine counts in billionths, so round to them: 0.3 - 0.1 must leave room for 0.2.
    const cpus = Math.round((a.cpus - b.cpus) * NANOS_PER_CPU) / NANOS_PER_CPU;
    return { cpus, bytes: a.bytes - b.bytes };
}

function gib(bytes: number): string {
    return `${Number((bytes / GIB).toFixed(2))} GiB`;
}

function cores(cpus: number): string {
    return `${Number(cpus.toFixed(2))} CPU`;
}
