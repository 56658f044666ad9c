import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { checkOf } from "../../../contract/checks";
import { PROGRESS_PREFIX } from "../../../contract/names";
import { withTables } from "../../support/pages/contractPage";
import { blocksOf, readDocument } from "../../support/pages/documents";

const PAGE = "docs/trainer-contract.md";

/** The page's examples, by their headings and in order, and the definition that each follows. */
const EXAMPLES: readonly [heading: string, definition: Parameters<typeof checkOf>[0]][] = [
    ["Training: environment in", "bounds"],
    ["Training: what comes out", "progress"],
    ["Training: what comes out", "result"],
    ["What the served model must answer", "expectations"],
    ["Without registering", "unregisteredResult"],
];

describe(PAGE, () => {
    it("has the tables that the schema gives; MOCHA_WRITE_PAGES=1 writes them anew", () => {
        const text = withTables(readDocument(PAGE));
        if (process.env.MOCHA_WRITE_PAGES !== undefined) {
            writeFileSync(join(CHECKOUT, PAGE), text);
        }
        expect(readDocument(PAGE)).to.equal(text);
    });

    it("has examples that follow the schema", () => {
        const headings = new Set(EXAMPLES.map(([heading]) => heading));
        const blocks = blocksOf(readDocument(PAGE)).filter(({ heading }) => headings.has(heading));
        expect(blocks.map(({ heading }) => heading)).to.deep.equal(EXAMPLES.map(([heading]) => heading));
        for (const [at, [, definition]] of EXAMPLES.entries()) {
            const value: unknown = JSON.parse(blocks[at]!.text.replace(PROGRESS_PREFIX, ""));
            const { error } = checkOf(definition).safeParse(value);
            expect(error?.issues ?? [], definition).to.deep.equal([]);
        }
    });

    it("is refused without the markers of a table", () => {
        const page = readDocument(PAGE);
        expect(() => withTables(page.replace("<!-- result, from", "<!-- result of"))).to.throw(
            "the page lacks <!-- result, from contract/trainer.schema.json -->",
        );
    });
});
