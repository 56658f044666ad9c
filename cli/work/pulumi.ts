/** Runs the pulumi that setup installed, in any shell: `npm run -s pulumi -- stack output`. */
import { mistake } from "../../common/mistake";
import { keptByNpm } from "../terminal/args";
import { existingEnvironment } from "../setup/prepare";
import { runOnTerminal } from "../local/processes";
import { engineVariables, namedStack } from "../stack/stackEngine";
import { PULUMI_OPTIONS } from "../stack/startArgs";

export async function pulumi(args: readonly string[]): Promise<number> {
    const kept = keptByNpm("pulumi", PULUMI_OPTIONS);
    if (kept !== undefined) {
        throw mistake(kept);
    }
    const environment = await existingEnvironment();
    if (environment === undefined) {
        throw mistake("Setup has not run yet. Run: npm run setup");
    }
    const env = { ...environment.env, ...engineVariables(namedStack(args)) };
    return runOnTerminal(environment.pulumi, args, env);
}
