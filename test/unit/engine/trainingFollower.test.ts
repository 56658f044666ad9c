import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import type Docker from "dockerode";

import { TrainingFollower } from "../../../engine/tasks/training";

/** Answers that fail some times first, like the answers of a busy engine. */
function after<T>(failures: number, answer: () => T): () => Promise<T> {
    let left = failures;
    return () => (left-- > 0 ? Promise.reject(new Error("engine busy")) : Promise.resolve(answer()));
}

const cases: Record<string, { list?: number; logs?: number; stop?: number; ends?: boolean }> = {
    "while it is followed": {},
    "when it could not be found at first": { list: 2 },
    "when its output cannot be followed": { logs: Infinity },
    "when its output breaks off": { ends: true },
    "when it could not be stopped at first": { stop: 1 },
};

describe("a training run beyond its time", function () {
    this.timeout(10_000);
    for (const [when, { list = 0, logs = 0, stop = 0, ends = false }] of Object.entries(cases)) {
        it(`is stopped ${when}`, async () => {
            let stopped = false;
            const stream = () => {
                const log = new PassThrough();
                return ends ? log.end() : log;
            };
            const container = {
                logs: after(logs, stream),
                inspect: () => Promise.resolve({ State: { Running: true } }),
                stop: after(stop, () => (stopped = true)),
            };
            const engine = {
                listContainers: after(list, () => [{ Id: "c", Created: 1 }]),
                getContainer: () => container,
            } as unknown as Docker;
            const follower = new TrainingFollower(engine, "token", 0.05, () => undefined);
            void follower.follow();
            while (!stopped) {
                await sleep(20);
            }
            expect(follower.timedOut).to.equal(true);
            follower.end();
        });
    }

    it("has nothing waited for once it is over", async () => {
        const engine = {
            listContainers: () => Promise.reject(new Error("engine gone")),
        } as unknown as Docker;
        const follower = new TrainingFollower(engine, "token", 60, () => undefined);
        const following = follower.follow();
        follower.end();
        await following;
        expect(follower.timedOut).to.equal(false);
    });
});
