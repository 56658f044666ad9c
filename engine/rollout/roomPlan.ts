import { type Amounts, lack, type NodeRoom, place, type Reservation, reservedBy } from "./room";
import type { Task } from "./tasks";

/** A service that is to reserve something, and its tasks that run already. */
export interface Claim {
    reservation: Reservation;
    replicas: number;
    /** Whether a new task runs beside the old one for a while. */
    beside: boolean;
    /** Its tasks that run, and are to. */
    live: readonly Task[];
}

/** What has no room. */
export interface RoomProblem {
    text: string;
    /** Whether this update needs it for certain; else only one that changes the service. */
    isCertain: boolean;
}

/** Which tasks of a stack would wait for room, before any is declared. */
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

/** What the update of a service that runs has no room for. */
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

/** A node once a task has let go of what it holds there. */
function without({ free, ...node }: NodeRoom, held: Amounts): NodeRoom {
    return { ...node, free: { cpus: free.cpus + held.cpus, bytes: free.bytes + held.bytes } };
}
