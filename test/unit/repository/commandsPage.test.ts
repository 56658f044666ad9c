import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { VERBS } from "../../../cli/verbs";
import { commandsPage } from "../../support/pages/commandsPage";
import { readDocument } from "../../support/pages/documents";

const PAGE = "docs/commands.md";

describe(PAGE, () => {
    it("says what the commands say; MOCHA_WRITE_PAGES=1 writes it anew", () => {
        const text = commandsPage(VERBS);
        if (process.env.MOCHA_WRITE_PAGES !== undefined) {
            writeFileSync(join(CHECKOUT, PAGE), text);
        }
        expect(readDocument(PAGE)).to.equal(text);
    });
});
