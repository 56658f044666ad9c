import { expect } from "chai";

import { ownTime } from "../../../../common/time";
import { engine, type FakeTask, outcome, proven, wanted } from "../../../support/engine/fakeRollout";

describe("a deployment's times", () => {
    it("pass by a clock that nobody sets, outside these tests", async () => {
        const began = ownTime.now();
        await ownTime.sleep(20);
        // Timers may be a millisecond early.
        expect(ownTime.now() - began).to.be.within(19, 1_000);
    });

    const MINUTE = 60_000;
    const DAY = 24 * 60 * MINUTE;
    for (const skew of [5 * MINUTE, -5 * MINUTE, DAY, -DAY]) {
        describe(`on an engine whose clock is ${skew / MINUTE} min ahead`, () => {
            const rolledBack = { update: "rollback_completed", spec: "old", tasks: [] };
            const looks = (task: FakeTask) =>
                engine(
                    [...Array.from({ length: 3 }, () => ({ spec: "new", tasks: [task] })), rolledBack],
                    undefined,
                    skew,
                );

            it("is proven by a task that has run for the monitor period", async () => {
                expect(await outcome(looks(proven))).to.equal("proven");
            });

            it("is not proven by a younger task", async () => {
                expect(await outcome(looks({ ...proven, secondsAgo: 10 }))).to.match(/went back/);
            });

            it("is proven by a task that is seen to run for the monitor period", async () => {
                const younger = { ...proven, secondsAgo: 0 };
                const moments = [
                    { spec: "new", tasks: [] },
                    ...Array.from({ length: 9 }, () => ({ spec: "new", tasks: [younger] })),
                    rolledBack,
                ];
                const rollout = { ...wanted, monitorSeconds: 1 };
                expect(await outcome(engine(moments, undefined, skew), rollout)).to.equal("proven");
            });
        });
    }
});
