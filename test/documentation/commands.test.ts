import { expect } from "chai";

import { RAN_FOLDER } from "../../cli/testing/commandsRun";
import {
    type Documented,
    documentedCommands,
    notRun,
    runAfterAll,
} from "../support/pages/documentedCommands";
import { readRan } from "../support/ran";

// cli/work/test.ts begins this part after all others. By then, their tests have written the commands that they ran.
const folder = process.env[RAN_FOLDER];
if (folder === undefined) {
    throw new Error(`${RAN_FOLDER}: not set; run: npm test`);
}
const ran = new Set(readRan(folder).map(({ command }) => command));
const all = documentedCommands();
const missing = notRun(all, ran);

const said = (commands: readonly Documented[]) =>
    commands.map(({ page, heading, command }) => `${page}, ${heading}: ${command}`);

describe(`documentation: ${all.length} commands, ${missing.length} not run`, () => {
    for (const page of new Set(all.map((it) => it.page))) {
        it(`${page} has no command that no test ran; have one run it, or give a reason in UNTESTED`, () => {
            expect(said(missing.filter((it) => it.page === page))).to.deep.equal([]);
        });
    }

    it("has no command that a test ran although UNTESTED says that none does", () => {
        expect(said(runAfterAll(all, ran))).to.deep.equal([]);
    });
});
