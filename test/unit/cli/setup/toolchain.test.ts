import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

const ROOT = join(__dirname, "..", "..", "..", "..");

describe("toolchain", () => {
    it("runs programs with the options that Pulumi.yaml states", () => {
        const { runtime } = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
            runtime: { options: { typescript: boolean; nodeargs: string } };
        };
        const { typescript, nodeargs } = runtime.options;
        const script = readFileSync(join(ROOT, "toolchain", "nodejs", "pulumi-language-nodejs"), "utf8");
        expect(script).to.include(`-typescript=${typescript} -nodeargs='${nodeargs}' `);
    });
});
