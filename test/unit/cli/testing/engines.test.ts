import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { CHECKOUT } from "../../../../cli/local/paths";
import { asSuite, NEWEST, SUITES } from "../../../../cli/testing/engines";

describe("engines of other releases", () => {
    it("are all tried every night, the newest also at the oldest API of Docker 29", () => {
        const { jobs } = parse(readFileSync(join(CHECKOUT, ".github/workflows/nightly.yml"), "utf8")) as {
            jobs: { engine: { strategy: { matrix: { include: { suite: string; api: string }[] } } } };
        };
        const { include } = jobs.engine.strategy.matrix;
        expect(new Set(include.map(({ suite }) => suite))).to.deep.equal(new Set(SUITES));
        expect(include).to.deep.include({ suite: NEWEST.suite, api: NEWEST.minApi });
    });

    it("are refused when nobody knows them, with those that are known", () => {
        expect(() => asSuite("bullseye")).to.throw("--engine: got bullseye; allowed: trixie, sid.");
    });
});
