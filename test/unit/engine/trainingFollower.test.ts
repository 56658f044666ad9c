import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
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

    it("is not waited for by a program that has nothing else to do", async () => {
        let followed = false;
        const engine = createServer((request, response) => {
            if (request.url!.includes("/logs")) {
                followed = true;
                // A trainer that says nothing for a long time.
                response.writeHead(200).flushHeaders();
            } else {
                response.end(JSON.stringify([{ Id: "c", Created: 1 }]));
            }
        });
        await once(engine.listen(0, "127.0.0.1"), "listening");
        const { port } = engine.address() as AddressInfo;
        const program =
            'const Docker = require("dockerode");' +
            'const { TrainingFollower } = require("./engine/tasks/training.ts");' +
            `const engine = new Docker({ host: "127.0.0.1", port: ${port} });` +
            'void new TrainingFollower(engine, "token", 600, () => undefined).follow();';
        const child = spawn(process.execPath, ["--require", "./runtime/strip.cjs", "--eval", program], {
            cwd: resolve(__dirname, "../../.."),
            stdio: "inherit",
        });
        try {
            expect(await once(child, "exit")).to.deep.equal([0, null]);
            expect(followed).to.equal(true);
        } finally {
            child.kill();
            engine.closeAllConnections();
            engine.close();
        }
    });
});
