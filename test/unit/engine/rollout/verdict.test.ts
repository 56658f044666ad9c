import { expect } from "chai";

import { judge, type Seen } from "../../../../engine/rollout/verdict";

const WANTED = { identity: "new@1", replicas: 2, timeoutSeconds: 60 };

/** A deployment under way: one of two tasks runs, none is proven. */
const UNDER_WAY: Seen = {
    update: "updating",
    identity: WANTED.identity,
    replicas: WANTED.replicas,
    running: 1,
    proven: 0,
    failed: 0,
    unplaced: undefined,
    isLate: false,
    seconds: 7,
};

const WAITS = "waits";
const HEALTHY = "waits, healthy";
const PROVEN = "proven";

/** The differences to a deployment under way, and the verdict. */
const VERDICTS: readonly [what: string, seen: Partial<Seen>, verdict: string | RegExp][] = [
    ["an update that goes on", {}, WAITS],
    ["an update that goes on, whose tasks all run", { running: 2, proven: 2 }, WAITS],
    ["an update that is done, one task short", { update: "completed" }, WAITS],
    ["an update that is done, with young tasks", { update: "completed", running: 2, proven: 1 }, HEALTHY],
    ["an update that is done, with proven tasks", { update: "completed", running: 2, proven: 2 }, PROVEN],
    ["a first deployment with proven tasks", { update: undefined, running: 2, proven: 2 }, PROVEN],
    ["more tasks than declared", { update: undefined, running: 3, proven: 3 }, PROVEN],
    ["a rollback that begins", { update: "rollback_started", identity: "old@1" }, WAITS],
    [
        "a rollback that does not end",
        { update: "rollback_started", identity: "old@1", isLate: true },
        /^the new tasks did not stay up/,
    ],
    [
        "a rollback that is done, though tasks are proven",
        { update: "rollback_completed", running: 2, proven: 2 },
        /^the new tasks did not stay up/,
    ],
    ["a rollback that is stuck", { update: "rollback_paused" }, /^the new tasks did not stay up/],
    ["a paused update", { update: "paused", running: 2, proven: 2 }, /^the engine paused the update$/],
    [
        "another spec, though its tasks are proven",
        { update: "completed", identity: "other@1", running: 2, proven: 2 },
        /^the engine runs something else than this stack declares.*\. Run: pulumi up --refresh$/,
    ],
    ["a spec that nobody declared", { identity: undefined }, /^the engine runs something else/],
    [
        "another number of replicas",
        { update: undefined, replicas: 1, running: 1, proven: 1 },
        /^the engine keeps 1 replicas, this stack declares 2; .*\. Run: pulumi up --refresh$/,
    ],
    ["no number of replicas", { replicas: undefined }, /^the engine keeps no replicas/],
    ["two tasks of a first deployment that ended", { update: undefined, failed: 2 }, WAITS],
    [
        "three tasks of a first deployment that ended",
        { update: undefined, failed: 3 },
        /^its tasks ended 3 times within 7 s$/,
    ],
    ["tasks of an update that ended, which the engine judges", { failed: 3 }, WAITS],
    ["proven tasks after some that ended", { update: undefined, failed: 3, running: 2, proven: 2 }, PROVEN],
    [
        "a task without a place",
        { unplaced: "no suitable node" },
        /^its next task has no place: no suitable node$/,
    ],
    ["a task without a place during a rollback", { update: "rollback_started", unplaced: "no node" }, WAITS],
    ["a task that is late", { isLate: true }, /^1 of 2 tasks run; the next did not within 60 s$/],
];

describe("the verdict on a deployment", () => {
    for (const [what, seen, expected] of VERDICTS) {
        it(`of ${what} is ${typeof expected === "string" ? expected : "a failure"}`, () => {
            const verdict = judge({ ...UNDER_WAY, ...seen }, WANTED);
            if (typeof expected !== "string") {
                expect(verdict).to.have.property("kind", "failed");
                expect(verdict).to.have.property("what").that.matches(expected);
                return;
            }
            const healthy = verdict.kind === "wait" && verdict.healthy;
            expect(verdict.kind === "wait" ? (healthy ? HEALTHY : WAITS) : verdict.kind).to.equal(expected);
        });
    }

    it("lets as many tasks of a first deployment end as it has replicas", () => {
        const wanted = { ...WANTED, replicas: 50 };
        const first = { ...UNDER_WAY, replicas: 50, update: undefined };
        expect(judge({ ...first, failed: 49 }, wanted).kind).to.equal("wait");
        expect(judge({ ...first, failed: 50 }, wanted).kind).to.equal("failed");
    });

    it("asks for the tasks' last lines where tasks are the reason", () => {
        const late = judge({ ...UNDER_WAY, isLate: true }, WANTED);
        const byHand = judge({ ...UNDER_WAY, identity: "other@1" }, WANTED);
        expect(late).to.include({ kind: "failed", withTasks: true });
        expect(byHand).to.include({ kind: "failed", withTasks: false });
    });
});
