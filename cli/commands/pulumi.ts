/** Runs pulumi as setup arranged it, in any shell: `npm run -s pulumi -- stack output`. */
import { keptByNpm } from "./release/args";
import { existingEnvironment } from "./setup/prepare";
import { runOnTerminal } from "./setup/processes";
import { main, SetupError } from "./setup/steps";
import { PULUMI_OPTIONS } from "./start/args";

main(async (args) => {
    const kept = keptByNpm(PULUMI_OPTIONS);
    if (kept !== undefined) {
        throw new SetupError(kept);
    }
    const environment = await existingEnvironment();
    if (environment === undefined) {
        throw new SetupError("Setup has not run yet. Run: npm run setup");
    }
    return runOnTerminal(environment.pulumi, args, environment.env);
});
