import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect } from "chai";

import { temporaryFolder } from "./temporaryFolder";

const ROOT = resolve(__dirname, "..", "..");

describe("loader", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    /** What a program prints that is required as Pulumi requires ours. */
    const run = (program: string): string => {
        const file = join(folder, "program.ts");
        writeFileSync(file, program);
        return execFileSync(
            process.execPath,
            ["--require", "seismic-mlops/loader", "-e", `require(${JSON.stringify(file)})`],
            { cwd: join(ROOT, "test"), encoding: "utf8" },
        ).trim();
    };
    const program = (text: string) => `import { join } from "node:path";
interface Named {
    name: string;
}
const named: Named = { name: ${JSON.stringify(text)} };
console.log(join("a", named.name), /program\\.ts:\\d+/.exec(new Error().stack ?? "")?.[0]);
`;

    it("strips types and leaves lines where they are, the first time and from what it kept", () => {
        const text = `unique ${Date.now()}`;
        expect(run(program(text))).to.equal(`a/${text} program.ts:6`);
        expect(run(program(text))).to.equal(`a/${text} program.ts:6`);
    });

    it("takes a changed file for another one", () => {
        expect(run(program("before"))).to.match(/^a\/before/);
        expect(run(program("after"))).to.match(/^a\/after/);
    });
});
