import { expect } from "chai";

import { rollBack } from "../../../../engine/rollout/rollout";
import { engine, type FakeTask, outcome, time, wanted } from "../../../support/engine/fakeRollout";

const LOOKS_PER_SECOND = 4;
/** Seconds between two groups. One group may take `timeoutSeconds` and `monitorSeconds` of `wanted`: 16 seconds. */
const IN_TIME = 14;
const LATE = 18;

/** The moments of a rollback in which a further old task of three comes to run after each pause. */
function goingBack(pauseSeconds: number) {
    const task = (spec: string, id: string): FakeTask => ({ spec, id, state: "running", secondsAgo: 0 });
    return [0, 1, 2].flatMap((back) =>
        Array.from({ length: pauseSeconds * LOOKS_PER_SECOND }, () => ({
            ...{ update: "rollback_started", spec: "old", replicas: 3 },
            tasks: ["a", "b", "c"].map((id, at) => (at < back ? task("old", id) : task("new", id + id))),
        })),
    );
}

const DONE = { update: "rollback_completed", spec: "old", replicas: 3, tasks: [] };
const rollout = { ...wanted, replicas: 3 };

describe("a rollback of several groups", () => {
    it("may take as long as a deployment for each further task", async () => {
        expect(await rollBack(engine([...goingBack(IN_TIME), DONE]), rollout, time)).to.equal(true);
    });

    it("fails when no further task comes to run in time", async () => {
        const late = rollBack(engine([...goingBack(LATE), DONE]), rollout, time);
        expect(await late.catch((error: Error) => error.message)).to.match(
            /^web: the version before did not come up again \(rollback_started\)/,
        );
    });

    it("fails at once when the engine pauses it", async () => {
        const began = time.now();
        const paused = rollBack(engine([{ ...DONE, update: "rollback_paused" }]), rollout, time);
        expect(await paused.catch((error: Error) => error.message)).to.include("(rollback_paused)");
        expect(time.now()).to.equal(began);
    });

    it("by the engine is waited for as long as further tasks come to run", async () => {
        const waited = async (pauseSeconds: number) => {
            const began = time.now();
            expect(await outcome(engine([...goingBack(pauseSeconds), DONE]), rollout)).to.match(
                /went back to the version before/,
            );
            return (time.now() - began) / 1000;
        };
        expect(await waited(IN_TIME)).to.be.closeTo(3 * IN_TIME, 1);
        expect(await waited(LATE)).to.be.closeTo(16, 1);
    });
});
