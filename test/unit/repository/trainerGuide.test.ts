import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { readDocument } from "../../support/pages/documents";
import { TABULAR_FOLDER, TRAINER_GUIDE } from "../../support/stack/tabular";

const PACKAGE = join(CHECKOUT, TABULAR_FOLDER, "tabular");

describe(TRAINER_GUIDE, () => {
    it("shows the example's own code, as it is", () => {
        const [, shown] = /^```python\n(.*?)^```$/ms.exec(readDocument(TRAINER_GUIDE)) ?? [];
        expect(shown).to.equal(readFileSync(join(PACKAGE, "learning.py"), "utf8"));
    });

    it("has an example that is as short as its page says", () => {
        expect(readDocument(`${TABULAR_FOLDER}/README.md`)).to.include("fewer than 250 lines of Python");
        const files = readdirSync(PACKAGE, { recursive: true, encoding: "utf8" }).filter((file) =>
            file.endsWith(".py"),
        );
        expect(files).to.include(join("retraining", "check.py"));
        const lines = files.map((file) => readFileSync(join(PACKAGE, file), "utf8").split("\n").length - 1);
        expect(lines.reduce((sum, count) => sum + count)).to.be.lessThan(250);
    });
});
