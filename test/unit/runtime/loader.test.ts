import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { temporaryFolder } from "../../support/temporaryFolder";

describe("loader", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    /** The output of a program that is required in the way in which Pulumi requires ours. */
    const run = (program: string): string => {
        const file = join(folder, "program.ts");
        writeFileSync(file, program);
        return execFileSync(
            process.execPath,
            ["--require", "seismic-mlops/loader", "-e", `require(${JSON.stringify(file)})`],
            { cwd: join(CHECKOUT, "test"), encoding: "utf8" },
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

    it("loads no compiler with Pulumi's library, until a function is serialized", () => {
        symlinkSync(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
        const printed = run(`import * as pulumi from "@pulumi/pulumi";
const loaded = () =>
    ["typescript", "@npmcli/arborist"].filter((name) =>
        Object.keys(require.cache).some((file) => file.includes(\`/node_modules/\${name}/\`)),
    );
console.log("none", ...loaded());
void pulumi.runtime.serializeFunction(() => 42).then(({ text }) => console.log(/42/.exec(text)?.[0], loaded().join()));
`);
        expect(printed.split("\n")).to.deep.equal(["none", "42 typescript"]);
    });

    it("ends a program that nobody listens to any more", async function () {
        this.timeout(20_000);
        // Pulumi's own handlers do this: they report a broken pipe again and again.
        const tells =
            'process.on("uncaughtException", (error) => console.error(error));' +
            'setInterval(() => console.error("still here"), 10);';
        const orphan = spawn(process.execPath, ["--require", "seismic-mlops/loader", "-e", tells], {
            cwd: CHECKOUT,
        });
        try {
            await once(orphan.stderr, "data");
            orphan.stderr.destroy();
            orphan.stdout.destroy();
            const [code] = (await once(orphan, "exit", { signal: AbortSignal.timeout(10_000) })) as [number];
            expect(code).to.equal(1);
        } finally {
            orphan.kill("SIGKILL");
        }
    });
});
