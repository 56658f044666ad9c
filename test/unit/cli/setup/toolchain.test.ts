import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { CHECKOUT, filesBelow, versions } from "../../../../cli/local/paths";

const TOOLCHAIN = join(CHECKOUT, "toolchain");
/** The modules that are built with replacements for some of their modules. */
const BUILT = ["cli", "plugins"];

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
            expect(readFileSync(join(CHECKOUT, file), "utf8")).to.include(text);
        });
    }

    it("runs programs with the options that Pulumi.yaml states", () => {
        const { runtime } = parse(readFileSync(join(CHECKOUT, "Pulumi.yaml"), "utf8")) as {
            runtime: { options: { typescript: boolean; nodeargs: string } };
        };
        const { typescript, nodeargs } = runtime.options;
        const script = readFileSync(join(TOOLCHAIN, "nodejs", "pulumi-language-nodejs"), "utf8");
        expect(script).to.include(`-typescript=${typescript} -nodeargs='${nodeargs}' `);
    });

    it("leaves out what it says: each folder of leftOut stands for the module that it is named after", () => {
        const folder = join(TOOLCHAIN, "leftOut");
        const standIns = filesBelow(folder)
            .filter((file) => file.endsWith("/go.mod"))
            .map((file) => relative(folder, dirname(file)));
        expect(standIns).to.not.be.empty;
        for (const name of standIns) {
            expect(/^module (.+)$/m.exec(readFileSync(join(folder, name, "go.mod"), "utf8"))?.[1]).to.equal(
                name,
            );
        }
        const replaced = BUILT.flatMap((module) =>
            [
                ...readFileSync(join(TOOLCHAIN, module, "go.mod"), "utf8").matchAll(
                    /(\S+) => \.\.\/leftOut\/(.+)/g,
                ),
            ].map(([, name, by]) => ({ name, by })),
        );
        expect(replaced.map(({ by }) => by)).to.deep.equal(replaced.map(({ name }) => name));
        expect(replaced.map(({ name }) => name).sort()).to.deep.equal(standIns.sort());
    });
});
