import type Docker from "dockerode";

import { identityOf, type TaskSpec } from "./generation";
import { Progress } from "./progress";
import { type RunningTimes, secondsToRun } from "./runningTimes";
import { hasFailed, isOf, runningOfOthers, runs, type Task } from "./tasks";
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
    private readonly forward: Progress;
    /** The way back of a rollback by the engine, in groups like the way forward. */
    private back: Progress | undefined;
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
        this.forward = this.progress();
    }

    /** The state of the engine now, in the form that the verdict needs. */
    async see(service: Docker.Service, tasks: readonly Task[]): Promise<Seen> {
        this.times.see(tasks);
        const { identity, replicas } = this.wanted;
        const current = tasks.filter((task) => isOf(task, identity));
        const running = current.filter(runs);
        // If old tasks still answer, new tasks prove themselves before they count as running (see PROBE).
        this.besideOthers ??= runningOfOthers(tasks, identity) > 0;
        this.failedBefore ??= new Set(current.filter(hasFailed).map(({ ID }) => ID));
        const { Spec, UpdateStatus } = service;
        return {
            update: this.update(UpdateStatus?.State),
            identity: identityOf(Spec?.TaskTemplate as TaskSpec),
            // The engine keeps a task on each node, and nobody can scale that.
            replicas: Spec?.Mode?.Global === undefined ? Spec?.Mode?.Replicated?.Replicas : replicas,
            running: running.length,
            proven: running.filter((task) => this.hasProven(task)).length,
            failed: current.filter((task) => hasFailed(task) && !this.failedBefore!.has(task.ID)).length,
            unplaced: await this.unplaced.problem(current),
            isLate: this.isLate(UpdateStatus?.State, tasks, running.length),
            seconds: Math.round((this.now() - this.start) / 1000),
        };
    }

    private isLate(state: string | undefined, tasks: readonly Task[], running: number): boolean {
        if (state !== "rollback_started") {
            return this.forward.isLate(running);
        }
        this.back ??= this.progress();
        return this.back.isLate(runningOfOthers(tasks, this.wanted.identity));
    }

    private progress(): Progress {
        return new Progress(this.wanted.timeoutSeconds + this.wanted.monitorSeconds, this.now);
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
