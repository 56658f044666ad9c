import { setTimeout as sleep } from "node:timers/promises";

import type Docker from "dockerode";

import { isNotFound, tailOfContainer } from "./client";

/**
 * Variable that carries the identity of what was declared, in a service and so
 * in each of its tasks. A label would do, but the provider replaces a service,
 * an outage, when the value of one changes.
 */
export const SPEC_VARIABLE = "DEPLOYMENT_SPEC";
/** Variable that sets a repeated deployment of the same thing apart from one that was rolled back. */
export const ATTEMPT_VARIABLE = "DEPLOYMENT_ATTEMPT";

const POLL_MS = 250;
/** Restarts of a service that never ran before the deployment counts as failed. */
const FAILURES_ALLOWED = 3;
const LOG_LINES = 15;

/** What a deployment of a service must come to. */
export interface Rollout {
    /** The service's name, as people know it. */
    name: string;
    serviceId: string;
    /** Identity of the declared spec, the value of SPEC_VARIABLE. */
    spec: string;
    replicas: number;
    /** Seconds that each task must have run. */
    monitorSeconds: number;
    /** Seconds until the tasks must run; beyond it the deployment counts as failed. */
    timeoutSeconds: number;
}

interface TaskSpec {
    ContainerSpec?: { Env?: string[] };
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
    for (;;) {
        const service = await inspect(engine, rollout);
        const tasks = await tasksOf(engine, rollout);
        const update = service.UpdateStatus?.State;
        const late = Date.now() - start > (rollout.timeoutSeconds + rollout.monitorSeconds) * 1000;
        if (update === "rollback_started" && !late) {
            // What served before is on its way back: the failure is reported when it is there.
            await sleep(POLL_MS);
            continue;
        }
        if (update === "paused" || update?.startsWith("rollback")) {
            throw new RolloutError(await failure(engine, rollout, tasks, rolledBack(update)));
        }
        if (variable(service.Spec?.TaskTemplate as TaskSpec, SPEC_VARIABLE) !== rollout.spec) {
            throw new RolloutError(
                `${rollout.name}: the engine runs something else than this stack declares; ` +
                    "somebody changed the service by hand. Run: pulumi up --refresh",
            );
        }
        const seconds = (time: string) => (Date.now() - Date.parse(time)) / 1000;
        const current = tasks.filter((task) => isOf(task, rollout.spec));
        const running = current.filter((t) => t.DesiredState === "running" && t.Status.State === "running");
        const proven = running.filter((t) => seconds(t.Status.Timestamp) >= rollout.monitorSeconds);
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
            const what = `${running.length} of ${rollout.replicas} tasks run after ${rollout.timeoutSeconds} s`;
            throw new RolloutError(await failure(engine, rollout, tasks, what));
        }
        await sleep(POLL_MS);
    }
}

/**
 * The attempt that the next deployment of a service carries: a new one after a
 * rollback, so that declaring the same thing again is a change to be made, and
 * the live one otherwise, so that nothing is.
 */
export async function nextAttempt(engine: Docker, serviceName: string): Promise<string> {
    try {
        const service = (await engine.getService(serviceName).inspect()) as Docker.Service;
        const update = service.UpdateStatus;
        if (update?.State === "paused" || update?.State?.startsWith("rollback")) {
            return update.StartedAt ?? "1";
        }
        return variable(service.Spec?.TaskTemplate as TaskSpec, ATTEMPT_VARIABLE) ?? "1";
    } catch (error) {
        if (isNotFound(error)) {
            return "1";
        }
        throw error;
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

function isOf(task: Task, spec: string): boolean {
    return variable(task.Spec, SPEC_VARIABLE) === spec;
}

function variable(spec: TaskSpec | undefined, name: string): string | undefined {
    const line = spec?.ContainerSpec?.Env?.find((it) => it.startsWith(`${name}=`));
    return line?.slice(name.length + 1);
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
    const ofSpec = tasks.filter((task) => isOf(task, rollout.spec)).sort(newest);
    const failed = ofSpec.filter(hasFailed);
    // A task that never got healthy has not failed yet; its lines say why all the same.
    const shown = (failed.length > 0 ? failed : ofSpec).slice(0, 2);
    const reports = await Promise.all(shown.map((task) => report(engine, task)));
    return [`${rollout.name}: ${what}`, ...reports.flat()].join("\n");
}

async function report(engine: Docker, task: Task): Promise<string[]> {
    const container = task.Status.ContainerStatus?.ContainerID;
    const lines = container ? await tailOfContainer(engine, container, LOG_LINES) : [];
    const reason = task.Status.Err ? `: ${task.Status.Err}` : "";
    return [
        `  task ${task.Slot ?? task.ID} (${task.Status.State}${reason})${lines.length > 0 ? ", its last lines:" : ""}`,
        ...lines.map((line) => `  | ${line}`),
    ];
}
