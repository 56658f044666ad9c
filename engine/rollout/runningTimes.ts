import type { EngineClock } from "./clock";
import { runs, type Task } from "./tasks";
import type { Time } from "../../common/time";

/**
 * Measures how long tasks have been running. If a task is seen to begin, a monotonic clock of this machine
 * times it from then on. If a task ran before, the manager's times are compared with the manager's clock.
 */
export class RunningTimes {
    /** When each task began, by the clock of this process. */
    private readonly began = new Map<string, number>();
    private looked = false;

    constructor(
        private readonly clock: EngineClock,
        private readonly now: Time["now"],
    ) {}

    /** Notes the tasks that run at this look. */
    see(tasks: readonly Task[]): void {
        for (const task of tasks.filter((it) => runs(it) && !this.began.has(it.ID))) {
            const before = this.looked ? 0 : Math.max(0, this.clock() - Date.parse(task.UpdatedAt));
            this.began.set(task.ID, this.now() - before);
        }
        this.looked = true;
    }

    /** The seconds that a task has been running; 0 when it was never seen to run. */
    seconds({ ID }: Task): number {
        return (this.now() - (this.began.get(ID) ?? this.now())) / 1000;
    }
}

/** The seconds from a task's creation until it ran. Both times are by the manager's clock. */
export function secondsToRun({ CreatedAt, UpdatedAt }: Task): number {
    return (Date.parse(UpdatedAt) - Date.parse(CreatedAt)) / 1000;
}
