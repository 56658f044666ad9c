/** Mocha's spec reporter, which also writes its counts to the file in MOCHA_TALLY_FILE. */
import Mocha from "mocha";
import { type Tally, writeTally } from "./tally";

class TallyReporter extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
        super(runner, options);
        runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
            const tally: Tally = { passed: this.stats.passes, failed: this.stats.failures };
            writeTally(process.env.MOCHA_TALLY_FILE, tally);
        });
    }
}

export = TallyReporter;
