import type Docker from "dockerode";

import { identityOf, type TaskSpec } from "./generation";
import { type RunningTimes, secondsToRun } from "./runningTimes";
import { hasFailed, isOf, runs, type Task } from "./tasks";
import type { Time } from "../../common/time";
import type { UnplacedTasks } from "./unplaced";
import type { Seen, Wanted } from "./verdict";

/** The times after which a deployment's tasks count as proven. */
export interface Proof {
    /** Seconds that each task must have run. */
    readonly monitorSeconds: number;
    /** Seconds that are enough if a task was ready for `monitorSeconds` before it counted as running. */
    readonly settleSeconds: number;
}

/** Looks at a deployment again and again, and remembers earlier looks for comparison. */
export class RolloutWatch {
    private readonly start: number;
    private progress: { running: number; at: number };
    private besideOthers: boolean | undefined;
    private failedBefore: ReadonlySet<string> | undefined;
    private pausedBefore: boolean | undefined;

    constructor(
        private readonly wanted: Wanted & Proof,
        private readonly times: RunningTimes,
        private readonly unplaced: UnplacedTasks,
        private readonly now: Time["now"],
    ) {
        this.start = now();
        this.progress = { running: 0, at: this.start };
    }

    /** The state of the engine now, in the form that the verdict needs. */
    async see(service: Docker.Service, tasks: readonly Task[]): Promise<Seen> {
        this.times.see(tasks);
        const { identity, timeoutSeconds, monitorSeconds } = this.wanted;
        const current = tasks.filter((task) => isOf(task, identity));
        const running = current.filter(runs);
        // If old tasks still answer, new tasks prove themselves before they count as running (see PROBE).
        this.besideOthers ??= tasks.some((task) => runs(task) && !isOf(task, identity));
        this.failedBefore ??= new Set(current.filter(hasFailed).map(({ ID }) => ID));
        if (running.length > this.progress.running) {
            this.progress = { running: running.length, at: this.now() };
        }
        const { Spec, UpdateStatus } = service;
        return {
            update: this.update(UpdateStatus?.State),
            identity: identityOf(Spec?.TaskTemplate as TaskSpec),
            replicas: Spec?.Mode?.Replicated?.Replicas,
            running: running.length,
            proven: running.filter((task) => this.hasProven(task)).length,
            failed: current.filter((task) => hasFailed(task) && !this.failedBefore!.has(task.ID)).length,
            unplaced: await this.unplaced.problem(current),
            isLate: this.now() - this.progress.at > (timeoutSeconds + monitorSeconds) * 1000,
            seconds: Math.round((this.now() - this.start) / 1000),
        };
    }

    /** An earlier update that was paused says nothing about the tasks now: a slow task may have come up since. */
    private update(state: string | undefined): string | undefined {
        this.pausedBefore ??= state === "paused";
        return this.pausedBefore && state === "paused" ? undefined : state;
    }

    private hasProven(task: Task): boolean {
        const { monitorSeconds, settleSeconds } = this.wanted;
        const provenBefore = this.besideOthers === true && secondsToRun(task) >= monitorSeconds;
        return this.times.seconds(task) >= (provenBefore ? settleSeconds : monitorSeconds);
    }
}
