import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { TESTED } from "../../../cli/testing/trainer";

const read = (path: string): string => readFileSync(join(CHECKOUT, path), "utf8");
const EXAMPLES = readdirSync(join(CHECKOUT, "examples"))
    .map((name) => `examples/${name}`)
    .filter((folder) => existsSync(join(CHECKOUT, folder, "Dockerfile")));

describe("the example trainers", () => {
    it("are found", () => expect(EXAMPLES).to.include.members(["examples/forecast", "examples/tabular"]));

    for (const folder of EXAMPLES) {
        describe(folder, () => {
            it("is tested in its image", () => {
                expect(TESTED.map((it) => it.folder)).to.include(folder);
                expect(read(`${folder}/Dockerfile`)).to.match(/^FROM \S+ AS test$/m);
                expect(readdirSync(join(CHECKOUT, folder, "tests")).join()).to.match(/test_\w+\.py/);
            });

            it("is linted by the rules of all Python here", () => {
                expect(read(`${folder}/ruff.toml`)).to.contain('extend = "../../');
            });

            it("has its packages raised by Dependabot", () => {
                expect(read(".github/dependabot.yml")).to.contain(`      - /${folder}\n`);
            });

            it("keeps its build's cache apart from those of other images", () => {
                const ids = [...read(`${folder}/Dockerfile`).matchAll(/id=(\S+?),/g)].map(([, id]) => id);
                expect(new Set(ids)).to.deep.equal(new Set([`uv-${folder.split("/")[1]}`]));
            });
        });
    }
});
