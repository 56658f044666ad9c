import type Docker from "dockerode";

import { lack, place, type Reservation, roomOf } from "./room";
import { isOnNode, isUnplaced, listTasks, type Task } from "./tasks";
import type { Time } from "../../common/time";

/** Milliseconds that a task may wait for a node before its reason counts. */
const PATIENCE_MS = 5_000;
const NO_ROOM = "insufficient resources";

/** Watches for tasks that no node takes. */
export class UnplacedTasks {
    private since: number | undefined;

    constructor(
        private readonly engine: Docker,
        private readonly reservation: Reservation | undefined,
        private readonly now: Time["now"],
    ) {}

    /**
     * Says why one of these tasks waits for a node in vain.
     *
     * @returns undefined when no task waits, or not for long, or while another task is about to release its reservation
     */
    async problem(tasks: readonly Task[]): Promise<string | undefined> {
        const waiting = tasks.find(isUnplaced);
        if (waiting === undefined) {
            this.since = undefined;
            return undefined;
        }
        this.since ??= this.now();
        if (this.now() - this.since < PATIENCE_MS) {
            return undefined;
        }
        const all = await listTasks(this.engine);
        if (await someEnds(this.engine, all)) {
            return undefined;
        }
        const said = waiting.Status.Err!;
        if (this.reservation === undefined || !said.includes(NO_ROOM)) {
            return said;
        }
        const rooms = await roomOf(this.engine, all);
        return place(rooms, this.reservation, 1) === undefined
            ? `${said}\n${lack(rooms, this.reservation, 1)}`
            : undefined;
    }
}

/** Whether a task on this swarm is being ended, or will be ended once the update of its service is done. */
async function someEnds(engine: Docker, tasks: readonly Task[]): Promise<boolean> {
    const holding = tasks.filter(isOnNode);
    if (holding.some(({ DesiredState }) => DesiredState !== "running" && DesiredState !== "ready")) {
        return true;
    }
    const services = await engine.listServices();
    return services.some(({ ID, Spec }) => {
        const replicas = Spec?.Mode?.Replicated?.Replicas;
        const held = holding.filter(({ ServiceID }) => ServiceID === ID).length;
        return replicas !== undefined && held > replicas;
    });
}
