import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { readDocument } from "../../support/pages/documents";
import { TABULAR_FOLDER, TRAINER_GUIDE } from "../../support/stack/tabular";

describe(TRAINER_GUIDE, () => {
    it("shows the example's own code, as it is", () => {
        const [, shown] = /^```python\n(.*?)^```$/ms.exec(readDocument(TRAINER_GUIDE)) ?? [];
        expect(shown).to.equal(readFileSync(join(CHECKOUT, TABULAR_FOLDER, "tabular/learning.py"), "utf8"));
    });
});
