/** Mocha's spec reporter, which also writes its counts to the file in MOCHA_TALLY_FILE. */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import type { Tally } from "./tally";

class TallyReporter extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
        super(runner, options);
        const file = process.env.MOCHA_TALLY_FILE;
        if (file === undefined) {
            return;
        }
        runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
            const tally: Tally = { passed: this.stats.passes, failed: this.stats.failures };
            writeFileSync(file, JSON.stringify(tally));
        });
    }
}

export = TallyReporter;
