import { EventEmitter } from "node:events";
import { appendFileSync, rmSync, type watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { followBuild } from "../../../engine/streams/buildLog";
import { temporaryFolder } from "../../support/temporaryFolder";

describe("the log of a build", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    it("tells each step and what a failed one printed last, and nothing of an older build", async () => {
        const file = join(folder, "logs", "image.log");
        const steps: string[] = [];
        const failed = new Promise<string>((resolve) => {
            const end = followBuild(file, {
                step: (name) => steps.push(name),
                failed: (text) => {
                    end();
                    resolve(text);
                },
            });
        });
        writeFileSync(file, "#1 [internal] load build definition\n#1 DONE 0.1s\n#2 [run");
        appendFileSync(file, "time 1/2] RUN make\n#3 [other 1/1] RUN date\n#3 0.1 Monday\n");
        const printed = Array.from({ length: 20 }, (_, index) => `#2 0.${index} line ${index}\n`);
        appendFileSync(file, `${printed.join("")}#2 ERROR: exit code: 3\n`);
        const text = await failed;
        expect(steps).to.deep.equal([
            "[internal] load build definition",
            "[runtime 1/2] RUN make",
            "[other 1/1] RUN date",
        ]);
        expect(text.split("\n")).to.have.length(16);
        expect(text).to.match(/^\[runtime 1\/2\] RUN make: exit code: 3; its last lines:\n {2}\| line 5\n/);
        expect(text).to.match(/ {2}\| line 19$/);
    });

    const full = Object.assign(new Error("no more watchers"), { code: "ENOSPC" });
    const watches: [string, typeof watch][] = [
        [
            "cannot be watched",
            () => {
                throw full;
            },
        ],
        [
            "is watched no more",
            (() => {
                const watcher = Object.assign(new EventEmitter(), { close: () => undefined });
                setImmediate(() => watcher.emit("error", full));
                return watcher;
            }) as unknown as typeof watch,
        ],
    ];
    for (const [what, watchFolder] of watches) {
        it(`is followed all the same where it ${what}, wherever a look cuts it`, async () => {
            const file = join(folder, "polled", "image.log");
            const steps: string[] = [];
            const failed = new Promise<string>((resolve) => {
                const end = followBuild(
                    file,
                    {
                        step: (name) => steps.push(name),
                        failed: (text) => {
                            end();
                            resolve(text);
                        },
                    },
                    watchFolder,
                );
            });
            const bytes = Buffer.from("#1 [1/1] RUN é\n#1 0.1 ü\n#1 ERROR: exit code: 3\n");
            // The cut is inside a character.
            const cut = bytes.indexOf("ü") + 1;
            writeFileSync(file, bytes.subarray(0, cut));
            while (steps.length === 0) {
                await sleep(10);
            }
            appendFileSync(file, bytes.subarray(cut));
            expect(await failed).to.equal("[1/1] RUN é: exit code: 3; its last lines:\n  | ü");
        });
    }

    it("is begun anew", () => {
        const file = join(folder, "image.log");
        writeFileSync(file, "#1 ERROR: of yesterday\n");
        followBuild(file, { step: () => expect.fail(), failed: () => expect.fail() })();
        expect(() => rmSync(file)).to.throw("ENOENT");
    });
});
