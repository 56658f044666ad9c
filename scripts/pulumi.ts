/** Runs pulumi as setup arranged it, in any shell: `npm run -s pulumi -- stack output`. */
import { existingEnvironment } from "./setup/prepare";
import { runOnTerminal } from "./setup/processes";
import { main, SetupError } from "./setup/steps";

main(async (args) => {
    const environment = await existingEnvironment();
    if (environment === undefined) {
        throw new SetupError("Setup has not run yet. Run: npm run setup");
    }
    return runOnTerminal(environment.pulumi, args, environment.env);
});
