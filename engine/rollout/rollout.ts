import type Docker from "dockerode";

import { isAway, isNotFound } from "../client";
import { engineClock } from "./clock";
import type { Reservation } from "./room";
import { RunningTimes } from "./runningTimes";
import { Progress } from "./progress";
import { failure, listTasks, runningOfOthers } from "./tasks";
import { ownTime, type Time, waitFor } from "../../common/time";
import { UnplacedTasks } from "./unplaced";
import { judge, type Wanted } from "./verdict";
import { type Proof, RolloutWatch } from "./watch";

const POLL_MS = 250;
/**
 * How long the engine may be away. A swarm that has lost its leader chooses another one within 15 seconds, and a call
 * that waits for this takes 20.
 */
const AWAY = { ms: 30_000, everyMs: 1000 };

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
 * @throws RolloutError when the engine rolled back or paused, runs something else, has no room, stays away, or the
 * tasks do not stay up; the message has their last log lines
 */
export async function followRollout(
    engine: Docker,
    rollout: Rollout,
    onHealthy: () => void = () => undefined,
    time: Time = ownTime,
): Promise<void> {
    const { now, sleep } = time;
    const watch = new RolloutWatch(
        rollout,
        new RunningTimes(await engineClock(engine, now), now),
        new UnplacedTasks(engine, rollout.reservation, now),
        now,
    );
    for (;;) {
        const { tasks, seen } = await patiently(rollout, time, async () => {
            const service = await inspect(engine, rollout);
            const all = await listTasks(engine, rollout.serviceId);
            return { tasks: all, seen: await watch.see(service, all) };
        });
        const verdict = judge(seen, rollout);
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
 * Looks at the engine, and again while it is away.
 *
 * @throws RolloutError when it stays away
 */
async function patiently<T>(rollout: Rollout, time: Time, look: () => Promise<T>): Promise<T> {
    let reason = "";
    const seen = await waitFor(
        async () => {
            try {
                return { value: await look() };
            } catch (error) {
                if (!isAway(error)) {
                    throw error;
                }
                reason = error instanceof Error ? error.message : String(error);
                return undefined;
            }
        },
        AWAY,
        time,
    );
    if (seen === undefined) {
        throw new RolloutError(
            `${rollout.name}: the engine went away during the update (${reason}). What was declared is rolled out ` +
                "without this program; when the engine answers again, run: pulumi up",
        );
    }
    return seen.value;
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
