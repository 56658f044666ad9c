import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { followBuild } from "../../engine/buildLog";
import { temporaryFolder } from "./temporaryFolder";

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

    it("is begun anew", () => {
        const file = join(folder, "image.log");
        writeFileSync(file, "#1 ERROR: of yesterday\n");
        followBuild(file, { step: () => expect.fail(), failed: () => expect.fail() })();
        expect(() => rmSync(file)).to.throw("ENOENT");
    });
});
