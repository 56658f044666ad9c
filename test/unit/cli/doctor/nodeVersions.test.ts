import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { CHECKOUT } from "../../../../cli/local/paths";
import { nodeFinding, PROVEN } from "../../../../cli/doctor/tools";

const read = (name: string): string => readFileSync(join(CHECKOUT, name), "utf8");

describe("releases of Node.js", () => {
    it("that are supported are those that every night tests", () => {
        const { jobs } = parse(read(".github/workflows/nightly.yml")) as {
            jobs: { node: { strategy: { matrix: { node: number[] } } } };
        };
        expect(jobs.node.strategy.matrix.node).to.deep.equal(PROVEN);
    });

    it("are the same in the packages' file, its lock and the documentation", () => {
        const wanted = (JSON.parse(read("package.json")) as { engines: { node: string } }).engines.node;
        expect(wanted.split(" || ").map((range) => Number(/^\^(\d+)/.exec(range)?.[1]))).to.deep.equal(
            PROVEN,
        );
        const lock = JSON.parse(read("package-lock.json")) as { packages: { "": { engines: unknown } } };
        expect(lock.packages[""].engines).to.deep.equal({ node: wanted });
        for (const page of ["docs/quick-start.md", "docs/ci.md"]) {
            expect(read(page), page).to.contain("20, 22 and 24");
        }
    });

    for (const [version, mark] of [
        ["20.19.0", "ok"],
        ["22.23.5", "ok"],
        ["24.1.0", "ok"],
        ["23.4.0", "note"],
        ["26.0.0", "note"],
    ] as const) {
        it(`are told by the doctor: ${version} is ${mark}`, () => {
            expect(nodeFinding(version).mark).to.equal(mark);
        });
    }
});
