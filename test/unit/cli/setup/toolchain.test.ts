import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { versions } from "../../../../cli/local/paths";

const ROOT = join(__dirname, "..", "..", "..", "..");

describe("toolchain", () => {
    const pinned = versions();
    const PULUMI_MODULE = (module: string) => `github.com/pulumi/pulumi/${module}/v3 v${pinned.pulumi}`;

    for (const [file, text] of [
        ["toolchain/cli/go.mod", PULUMI_MODULE("pkg")],
        ["toolchain/cli/go.mod", PULUMI_MODULE("sdk")],
        ["cli/setup/goBuild.ts", `install Pulumi (${pinned.pulumi} or a later 3.x)`],
        ["toolchain/plugins/docker/main.go", `const version = "${pinned.docker}"`],
        ["toolchain/plugins/random/main.go", `const version = "${pinned.random}"`],
    ] as const) {
        it(`builds what package.json pins: ${file} has ${text}`, () => {
            expect(readFileSync(join(ROOT, file), "utf8")).to.include(text);
        });
    }

    it("runs programs with the options that Pulumi.yaml states", () => {
        const { runtime } = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
            runtime: { options: { typescript: boolean; nodeargs: string } };
        };
        const { typescript, nodeargs } = runtime.options;
        const script = readFileSync(join(ROOT, "toolchain", "nodejs", "pulumi-language-nodejs"), "utf8");
        expect(script).to.include(`-typescript=${typescript} -nodeargs='${nodeargs}' `);
    });
});
