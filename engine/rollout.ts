import { setTimeout as sleep } from "node:timers/promises";

import type Docker from "dockerode";

import { quoted } from "../errors";
import { failedProbe, isNotFound, tailOfContainer } from "./client";
import { identityOf, TaskSpec } from "./generation";

const POLL_MS = 250;
/** Restarts of a service that never ran before the deployment counts as failed. */
const FAILURES_ALLOWED = 3;
const LOG_LINES = 15;

/** What a deployment of a service must come to. */
export interface Rollout {
    /** The service's name, as people know it. */
    name: string;
    serviceId: string;
    /** What was declared, the value of IDENTITY_VARIABLE. */
    identity: string;
    replicas: number;
    /** Seconds that each task must have run. */
    monitorSeconds: number;
    /** Seconds that suffice for a task that was ready for `monitorSeconds` before it counted as running. */
    settleSeconds: number;
    /** Seconds without another task that runs, beyond which the deployment counts as failed. */
    timeoutSeconds: number;
}

interface Task {
    ID: string;
    Slot?: number;
    DesiredState: string;
    CreatedAt: string;
    Spec: TaskSpec;
    Status: { State: string; Timestamp: string; Err?: string; ContainerStatus?: { ContainerID?: string } };
}

/** A deployment that failed; the message holds what the tasks said last. */
export class RolloutError extends Error {}

/**
 * Follows a service until every replica of the declared spec has been running
 * (and so healthy) for `monitorSeconds`. An idle service costs two requests.
 *
 * @throws RolloutError when the engine rolled back or paused, runs something
 *   else, or the tasks do not stay up; with their last log lines
 */
export async function followRollout(engine: Docker, rollout: Rollout): Promise<void> {
    const start = Date.now();
    let progress = { running: 0, at: start };
    let besideOthers: boolean | undefined;
    let pausedBefore: boolean | undefined;
    for (;;) {
        const service = await inspect(engine, rollout);
        const tasks = await tasksOf(engine, rollout);
        const state = service.UpdateStatus?.State;
        // An earlier update's end says nothing of the tasks now: one that took longer than `up` may have come up since.
        pausedBefore ??= state === "paused";
        const update = pausedBefore && state === "paused" ? undefined : state;
        const current = tasks.filter((task) => isOf(task, rollout.identity));
        const running = current.filter(runs);
        // New tasks prove themselves before they count as running where old ones answer (see PROBE).
        besideOthers ??= tasks.some((task) => runs(task) && !isOf(task, rollout.identity));
        if (running.length > progress.running) {
            progress = { running: running.length, at: Date.now() };
        }
        const late = Date.now() - progress.at > (rollout.timeoutSeconds + rollout.monitorSeconds) * 1000;
        if (update === "rollback_started" && !late) {
            // What served before is on its way back: the failure is reported when it is there.
            await sleep(POLL_MS);
            continue;
        }
        if (update === "paused" || update?.startsWith("rollback")) {
            throw new RolloutError(await failure(engine, rollout, tasks, rolledBack(update)));
        }
        if (identityOf(service.Spec?.TaskTemplate as TaskSpec) !== rollout.identity) {
            throw new RolloutError(
                `${rollout.name}: the engine runs something else than this stack declares; ` +
                    "somebody changed the service by hand. Run: pulumi up --refresh",
            );
        }
        const wanted = service.Spec?.Mode?.Replicated?.Replicas;
        if (wanted !== rollout.replicas) {
            throw new RolloutError(
                `${rollout.name}: the engine keeps ${wanted ?? "no"} replicas, this stack declares ${rollout.replicas}; ` +
                    "somebody scaled the service by hand. Run: pulumi up --refresh",
            );
        }
        const proven = running.filter((task) => hasProven(task, rollout, besideOthers!));
        if (update !== "updating" && proven.length >= rollout.replicas) {
            return;
        }
        const failed = current.filter(
            (t) => hasFailed(t) && Date.parse(t.Status.Timestamp) >= start - POLL_MS,
        );
        if (update === undefined && failed.length >= FAILURES_ALLOWED) {
            const what = `its tasks ended ${failed.length} times within ${Math.round((Date.now() - start) / 1000)} s`;
            throw new RolloutError(await failure(engine, rollout, tasks, what));
        }
        if (late) {
            const what = `${running.length} of ${rollout.replicas} tasks run; the next did not within ${rollout.timeoutSeconds} s`;
            throw new RolloutError(await failure(engine, rollout, tasks, what));
        }
        await sleep(POLL_MS);
    }
}

/**
 * Has the engine go back to the version before the last update of a service,
 * and waits until it runs.
 *
 * @returns whether there was a version before
 * @throws RolloutError when the version before does not come up either
 */
export async function rollBack(engine: Docker, rollout: Rollout): Promise<boolean> {
    const service = await inspect(engine, rollout);
    if (!("PreviousSpec" in service)) {
        return false;
    }
    await engine.getService(rollout.serviceId).update({
        _query: { version: service.Version!.Index, rollback: "previous" },
        _body: service.Spec,
    });
    const deadline = Date.now() + (rollout.timeoutSeconds + rollout.monitorSeconds) * 1000;
    for (;;) {
        const { UpdateStatus: update } = await inspect(engine, rollout);
        if (update?.State === "rollback_completed") {
            return true;
        }
        if (update?.State === "rollback_paused" || Date.now() > deadline) {
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

async function tasksOf(engine: Docker, rollout: Rollout): Promise<Task[]> {
    const filters = JSON.stringify({ service: [rollout.serviceId] });
    return (await engine.listTasks({ filters })) as Task[];
}

function isOf(task: Task, identity: string): boolean {
    return identityOf(task.Spec) === identity;
}

function runs(task: Task): boolean {
    return task.DesiredState === "running" && task.Status.State === "running";
}

function hasProven(task: Task, rollout: Rollout, besideOthers: boolean): boolean {
    const since = Date.parse(task.Status.Timestamp);
    const seconds = (Date.now() - since) / 1000;
    const secondsBefore = (since - Date.parse(task.CreatedAt)) / 1000;
    const provenBefore = besideOthers && secondsBefore >= rollout.monitorSeconds;
    return seconds >= (provenBefore ? rollout.settleSeconds : rollout.monitorSeconds);
}

function hasFailed(task: Task): boolean {
    return ["failed", "rejected"].includes(task.Status.State);
}

function rolledBack(state: string): string {
    return state === "paused"
        ? "the engine paused the update"
        : "the new tasks did not stay up; the engine went back to the version before";
}

/** The message of a failed deployment: what happened, then each failed task with its last lines. */
async function failure(engine: Docker, rollout: Rollout, tasks: Task[], what: string): Promise<string> {
    const newest = (a: Task, b: Task) => b.CreatedAt.localeCompare(a.CreatedAt);
    const ofSpec = tasks.filter((task) => isOf(task, rollout.identity)).sort(newest);
    const failed = ofSpec.filter(hasFailed);
    // A task that never got healthy has not failed yet; its lines say why all the same.
    const shown = (failed.length > 0 ? failed : ofSpec).slice(0, 2);
    const reports = await Promise.all(shown.map((task) => report(engine, task)));
    return [`${rollout.name}: ${what}`, ...reports.flat()].join("\n");
}

async function report(engine: Docker, task: Task): Promise<string[]> {
    const container = task.Status.ContainerStatus?.ContainerID;
    const [lines, probe] = container
        ? await Promise.all([tailOfContainer(engine, container, LOG_LINES), failedProbe(engine, container)])
        : [[], undefined];
    const reason = task.Status.Err ? `: ${task.Status.Err}` : "";
    const health = probe === undefined ? "" : `; its health check failed: ${probe}`;
    return [
        `  task ${task.Slot ?? task.ID} (${task.Status.State}${reason}${health})${lines.length > 0 ? ", its last lines:" : ""}`,
        ...quoted(lines),
    ];
}
