import type { EngineClock } from "./clock";
import { runs, type Task } from "./tasks";
import type { Time } from "../../common/time";

/**
 * How long tasks have been running. One that is seen to begin is timed from then on by a clock of this
 * machine that nobody sets; of one that ran before, the manager's times are compared with the manager's clock.
 */
export class RunningTimes {
    /** When each began, by the clock of this process. */
    private readonly began = new Map<string, number>();
    private looked = false;

    constructor(
        private readonly clock: EngineClock,
        private readonly now: Time["now"],
    ) {}

    /** Notes which tasks run at this look. */
    see(tasks: readonly Task[]): void {
        for (const task of tasks.filter((it) => runs(it) && !this.began.has(it.ID))) {
            const before = this.looked ? 0 : Math.max(0, this.clock() - Date.parse(task.UpdatedAt));
            this.began.set(task.ID, this.now() - before);
        }
        this.looked = true;
    }

    /** The seconds that a task has been running; 0 for one that was never seen to. */
    seconds({ ID }: Task): number {
        return (this.now() - (this.began.get(ID) ?? this.now())) / 1000;
    }
}

/** The seconds that a task took from its creation until it ran: both times are the manager's. */
export function secondsToRun({ CreatedAt, UpdatedAt }: Task): number {
    return (Date.parse(UpdatedAt) - Date.parse(CreatedAt)) / 1000;
}
