import { expect } from "chai";

import { affectedTests, type Module } from "../../../../cli/testing/affected";

const MODULES: readonly Module[] = [
    { source: "common/units.ts", imports: [] },
    { source: "config/types.ts", imports: ["common/units.ts"] },
    { source: "components/probe.ts", imports: [] },
    { source: "test/support/fake.ts", imports: ["config/types.ts"] },
    { source: "test/unit/common/units.test.ts", imports: ["common/units.ts"] },
    { source: "test/unit/config/types.test.ts", imports: ["test/support/fake.ts"] },
    { source: "test/unit/components/probe.test.ts", imports: ["components/probe.ts"] },
    { source: "test/unit/repository/docs.test.ts", imports: [] },
    { source: "test/e2e/stack.test.ts", imports: ["common/units.ts"] },
];
const TEXTS: Readonly<Record<string, string>> = { "components/probe.ts": 'shellText("service/probe.sh")' };

/** The affected tests, without folder and suffix. */
function affected(...changed: string[]): string[] {
    return affectedTests(MODULES, changed, (source) => TEXTS[source] ?? "").map((file) =>
        file.replace("test/unit/", "").replace(".test.ts", ""),
    );
}

describe("the unit tests that a change can break", () => {
    it("are those that reach the changed file, in however many steps", () => {
        expect(affected("common/units.ts")).to.deep.equal(["common/units", "config/types"]);
        expect(affected("config/types.ts")).to.deep.equal(["config/types"]);
    });

    it("are a changed test itself", () => {
        expect(affected("test/unit/components/probe.test.ts")).to.deep.equal(["components/probe"]);
    });

    it("are those of who names a file that nobody imports, and those of the repository's files", () => {
        expect(affected("images/service/probe.sh")).to.deep.equal(["components/probe", "repository/docs"]);
        expect(affected("docs/quick-start.md")).to.deep.equal(["repository/docs"]);
    });

    it("are none where nothing changed", () => {
        expect(affected()).to.deep.equal([]);
    });
});
