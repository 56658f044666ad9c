import type Docker from "dockerode";

import { isNotFound } from "../client";
import { engineClock } from "./clock";
import type { Reservation } from "./room";
import { RunningTimes } from "./runningTimes";
import { Progress } from "./progress";
import { failure, listTasks, runningOfOthers } from "./tasks";
import { ownTime, type Time } from "../../common/time";
import { UnplacedTasks } from "./unplaced";
import { judge, type Wanted } from "./verdict";
import { type Proof, RolloutWatch } from "./watch";

const POLL_MS = 250;

/** The state that a deployment of a service must reach. */
export interface Rollout extends Wanted, Proof {
    /** The service's name, as people know it. */
    readonly name: string;
    readonly serviceId: string;
    /** The amounts that each task reserves, if any. */
    readonly reservation?: Reservation;
}

/** A deployment that failed. The message holds the last log lines of the tasks. */
export class RolloutError extends Error {}

/**
 * Follows a service until every replica of the declared spec has been running (and so
 * healthy) for `monitorSeconds`. An idle service costs two requests.
 *
 * @param onHealthy is called once every replica of the declared spec runs
 * @throws RolloutError when the engine rolled back or paused, runs something else, has no
 * room, or the tasks do not stay up; the message has their last log lines
 */
export async function followRollout(
    engine: Docker,
    rollout: Rollout,
    onHealthy: () => void = () => undefined,
    { now, sleep }: Time = ownTime,
): Promise<void> {
    const watch = new RolloutWatch(
        rollout,
        new RunningTimes(await engineClock(engine, now), now),
        new UnplacedTasks(engine, rollout.reservation, now),
        now,
    );
    for (;;) {
        const service = await inspect(engine, rollout);
        const tasks = await listTasks(engine, rollout.serviceId);
        const verdict = judge(await watch.see(service, tasks), rollout);
        if (verdict.kind === "failed") {
            const what = `${rollout.name}: ${verdict.what}`;
            throw new RolloutError(
                verdict.withTasks ? await failure(engine, what, tasks, rollout.identity) : what,
            );
        }
        if (verdict.kind === "proven" || verdict.healthy) {
            onHealthy();
        }
        if (verdict.kind === "proven") {
            return;
        }
        await sleep(POLL_MS);
    }
}

/**
 * Tells the engine to go back to the version before the last update of a service, and waits until that version runs.
 *
 * @returns whether there was a version before
 * @throws RolloutError when the version before does not come up either
 */
export async function rollBack(engine: Docker, rollout: Rollout, time: Time = ownTime): Promise<boolean> {
    const service = await inspect(engine, rollout);
    if (!("PreviousSpec" in service)) {
        return false;
    }
    await engine.getService(rollout.serviceId).update({
        _query: { version: service.Version!.Index, rollback: "previous" },
        _body: service.Spec,
    });
    const progress = new Progress(rollout.timeoutSeconds + rollout.monitorSeconds, time.now);
    let state: string | undefined;
    for (;;) {
        state = (await inspect(engine, rollout)).UpdateStatus?.State;
        if (state === "rollback_completed") {
            return true;
        }
        const tasks = await listTasks(engine, rollout.serviceId);
        if (state === "rollback_paused" || progress.isLate(runningOfOthers(tasks, rollout.identity))) {
            break;
        }
        await time.sleep(POLL_MS);
    }
    throw new RolloutError(
        `${rollout.name}: the version before did not come up again (${state ?? "no state"}); ` +
            `see: docker service ps ${rollout.name}`,
    );
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
