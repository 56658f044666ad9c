import type Docker from "dockerode";

import { isNotFound } from "../client";
import { engineClock } from "./clock";
import { identityOf, TaskSpec } from "./generation";
import type { Reservation } from "./room";
import { RunningTimes, secondsToRun } from "./runningTimes";
import { failure, hasFailed, isOf, listTasks, runs, type Task } from "./tasks";
import { ownTime, type Time } from "./time";
import { UnplacedTasks } from "./unplaced";

const POLL_MS = 250;
/** Restarts of a service that never ran before the deployment counts as failed. */
const FAILURES_ALLOWED = 3;

/** What a deployment of a service must come to. */
export interface Rollout {
    /** The service's name, as people know it. */
    name: string;
    serviceId: string;
    /** What was declared, the value of IDENTITY_VARIABLE. */
    identity: string;
    replicas: number;
    /** What each task reserves, if anything. */
    reservation?: Reservation;
    /** Seconds that each task must have run. */
    monitorSeconds: number;
    /** Seconds that suffice for a task that was ready for `monitorSeconds` before it counted as running. */
    settleSeconds: number;
    /** Seconds without another task that runs, beyond which the deployment counts as failed. */
    timeoutSeconds: number;
}

/** A deployment that failed; the message holds what the tasks said last. */
export class RolloutError extends Error {}

/**
 * Follows a service until every replica of the declared spec has been running
 * (and so healthy) for `monitorSeconds`. An idle service costs two requests.
 *
 * @param onHealthy is called once every replica of the declared spec runs
 * @throws RolloutError when the engine rolled back or paused, runs something
 *   else, has no room, or the tasks do not stay up; with their last log lines
 */
export async function followRollout(
    engine: Docker,
    rollout: Rollout,
    onHealthy: () => void = () => undefined,
    { now, sleep }: Time = ownTime,
): Promise<void> {
    const start = now();
    const times = new RunningTimes(await engineClock(engine, now), now);
    const unplaced = new UnplacedTasks(engine, rollout.reservation, now);
    let progress = { running: 0, at: start };
    let besideOthers: boolean | undefined;
    let failedBefore: ReadonlySet<string> | undefined;
    let pausedBefore: boolean | undefined;
    for (;;) {
        const service = await inspect(engine, rollout);
        const tasks = await listTasks(engine, rollout.serviceId);
        const fail = async (what: string) =>
            new RolloutError(await failure(engine, `${rollout.name}: ${what}`, tasks, rollout.identity));
        times.see(tasks);
        const state = service.UpdateStatus?.State;
        // An earlier update's end says nothing of the tasks now: one that took longer than `up` may have come up since.
        pausedBefore ??= state === "paused";
        const update = pausedBefore && state === "paused" ? undefined : state;
        const current = tasks.filter((task) => isOf(task, rollout.identity));
        const running = current.filter(runs);
        // New tasks prove themselves before they count as running where old ones answer (see PROBE).
        besideOthers ??= tasks.some((task) => runs(task) && !isOf(task, rollout.identity));
        failedBefore ??= new Set(current.filter(hasFailed).map(({ ID }) => ID));
        if (running.length > progress.running) {
            progress = { running: running.length, at: now() };
        }
        const late = now() - progress.at > (rollout.timeoutSeconds + rollout.monitorSeconds) * 1000;
        if (update === "rollback_started" && !late) {
            // What served before is on its way back: the failure is reported when it is there.
            await sleep(POLL_MS);
            continue;
        }
        if (update === "paused" || update?.startsWith("rollback")) {
            throw await fail(rolledBack(update));
        }
        refuseOther(service, rollout);
        const isUpdated = update !== "updating";
        if (isUpdated && running.length >= rollout.replicas) {
            onHealthy();
        }
        const proven = running.filter((task) => hasProven(task, times, rollout, besideOthers!));
        if (isUpdated && proven.length >= rollout.replicas) {
            return;
        }
        const failed = current.filter((task) => hasFailed(task) && !failedBefore!.has(task.ID));
        if (update === undefined && failed.length >= FAILURES_ALLOWED) {
            const seconds = Math.round((now() - start) / 1000);
            throw await fail(`its tasks ended ${failed.length} times within ${seconds} s`);
        }
        const problem = await unplaced.problem(current);
        if (problem !== undefined) {
            throw await fail(`its next task has no place: ${problem}`);
        }
        if (late) {
            throw await fail(
                `${running.length} of ${rollout.replicas} tasks run; the next did not within ${rollout.timeoutSeconds} s`,
            );
        }
        await sleep(POLL_MS);
    }
}

/** @throws RolloutError when the engine does not have what this stack declares */
function refuseOther({ Spec }: Docker.Service, rollout: Rollout): void {
    if (identityOf(Spec?.TaskTemplate as TaskSpec) !== rollout.identity) {
        throw new RolloutError(
            `${rollout.name}: the engine runs something else than this stack declares; ` +
                "somebody changed the service by hand, or this update left it out (--target, --exclude). " +
                "Run: pulumi up --refresh",
        );
    }
    const wanted = Spec?.Mode?.Replicated?.Replicas;
    if (wanted !== rollout.replicas) {
        throw new RolloutError(
            `${rollout.name}: the engine keeps ${wanted ?? "no"} replicas, this stack declares ${rollout.replicas}; ` +
                "somebody scaled the service by hand. Run: pulumi up --refresh",
        );
    }
}

/**
 * Has the engine go back to the version before the last update of a service,
 * and waits until it runs.
 *
 * @returns whether there was a version before
 * @throws RolloutError when the version before does not come up either
 */
export async function rollBack(
    engine: Docker,
    rollout: Rollout,
    { now, sleep }: Time = ownTime,
): Promise<boolean> {
    const service = await inspect(engine, rollout);
    if (!("PreviousSpec" in service)) {
        return false;
    }
    await engine.getService(rollout.serviceId).update({
        _query: { version: service.Version!.Index, rollback: "previous" },
        _body: service.Spec,
    });
    const deadline = now() + (rollout.timeoutSeconds + rollout.monitorSeconds) * 1000;
    for (;;) {
        const { UpdateStatus: update } = await inspect(engine, rollout);
        if (update?.State === "rollback_completed") {
            return true;
        }
        if (update?.State === "rollback_paused" || now() > deadline) {
            throw new RolloutError(
                `${rollout.name}: the version before did not come up again (${update?.State ?? "no state"}); ` +
                    "see: docker service ps " +
                    rollout.name,
            );
        }
        await sleep(POLL_MS);
    }
}

async function inspect(engine: Docker, rollout: Rollout): Promise<Docker.Service> {
    try {
        return (await engine.getService(rollout.serviceId).inspect()) as Docker.Service;
    } catch (error) {
        if (isNotFound(error)) {
            throw new RolloutError(
                `${rollout.name}: the service is gone from the engine; somebody removed it. ` +
                    "Run: pulumi up --refresh",
            );
        }
        throw error;
    }
}

/** Whether a task has run for as long as it must. */
function hasProven(task: Task, times: RunningTimes, rollout: Rollout, besideOthers: boolean): boolean {
    const provenBefore = besideOthers && secondsToRun(task) >= rollout.monitorSeconds;
    return times.seconds(task) >= (provenBefore ? rollout.settleSeconds : rollout.monitorSeconds);
}

function rolledBack(state: string): string {
    return state === "paused"
        ? "the engine paused the update"
        : "the new tasks did not stay up; the engine went back to the version before";
}
