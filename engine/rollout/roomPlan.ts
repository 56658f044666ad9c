import { type Amounts, lack, type NodeRoom, place, type Reservation, reservedBy } from "./room";
import type { Task } from "./tasks";

/** A service that will reserve something, and its tasks that already run. */
export interface Claim {
    reservation: Reservation;
    replicas: number;
    /** Whether a new task runs beside the old one for a while. */
    beside: boolean;
    /** The service's tasks that run and are meant to run. */
    live: readonly Task[];
}

/** A task that has no room. */
export interface RoomProblem {
    text: string;
    /**
     * True when this update needs the room for certain; false when only an update that changes the service needs it.
     */
    isCertain: boolean;
}

/** Finds the tasks of a stack that would wait for room, before any service is declared. */
export function planRoom(rooms: readonly NodeRoom[], claims: readonly Claim[]): RoomProblem[] {
    const problems: RoomProblem[] = [];
    let left = rooms;
    for (const claim of claims) {
        const more = Math.max(0, claim.replicas - claim.live.length);
        const placed = place(left, claim.reservation, more);
        if (placed === undefined) {
            problems.push({ text: lack(left, claim.reservation, more), isCertain: true });
            continue;
        }
        left = placed;
        problems.push(...updateProblem(left, claim));
    }
    return problems;
}

/** The problem when the update of a running service has no room. */
function updateProblem(rooms: readonly NodeRoom[], { reservation, beside, live }: Claim): RoomProblem[] {
    const [first] = live;
    if (first === undefined) {
        return [];
    }
    const now = reservedBy(first);
    const room = beside ? rooms : rooms.map((it) => (it.id === first.NodeID ? without(it, now) : it));
    if (place(room, reservation, 1) !== undefined) {
        return [];
    }
    const isCertain = now.cpus !== reservation.cpus || now.bytes !== reservation.bytes;
    return [{ text: lack(room, reservation, 1), isCertain }];
}

/** A node after a task has released its reservation there. */
function without({ free, ...node }: NodeRoom, held: Amounts): NodeRoom {
    return { ...node, free: { cpus: free.cpus + held.cpus, bytes: free.bytes + held.bytes } };
}
