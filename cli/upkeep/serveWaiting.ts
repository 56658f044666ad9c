/** Serves a candidate of retraining without a person, by the same update that a person would make. */
import { short } from "../../common/hashes";
import { refusePending } from "./narrowUpdate";
import { modelOf } from "../stack/engine";
import { run } from "../stack/run";
import { openStack, refuseWhileUpdated, releasedStack, servingRelease, type OpenStack } from "../stack/stack";
import { withChanges, WITHOUT_TRAINING } from "../stack/withChanges";
import { harmless } from "../terminal/report";
import { step } from "../terminal/steps";
import { markNotServed, waitingIn, type Challenger } from "./waiting";

/** The update begins a run even if nothing else has changed. The run finds the candidate, and trains nothing again. */
const TAKING_UP = [{ key: "training.run", value: "always" }];

/**
 * Serves the candidate that waits in a stack's registry, if there is one and `retraining.serve` is true.
 *
 * A candidate that could not be served is marked, and is not tried again.
 *
 * @param yes false only says what would be done
 * @returns the exit code: 0 also when there is nothing to do, so that a schedule can call this
 */
export async function serveWaiting(name: string, yes: boolean): Promise<number> {
    const stack = await openStack(name);
    if (!stack.config.retraining.serve) {
        return nothing(
            name,
            "retraining.serve is not true, so only a person's deployment serves a candidate",
        );
    }
    if (stack.config.training.run === "never") {
        return nothing(name, "training.run is never, which keeps the version that serves");
    }
    const serving = servingRelease(stack);
    const waiting = await waitingIn(await modelOf(stack), serving);
    if ("none" in waiting) {
        return nothing(name, waiting.none);
    }
    const { candidate } = waiting;
    const { version, trigger } = candidate;
    const because = harmless(trigger);
    console.log(
        `${name}: version ${version} waits, trained because of: ${because}. Version ${serving.version} serves.`,
    );
    await refuseWhileUpdated(name);
    // Without a run, an update changes nothing, unless the checkout is not what was brought up last.
    await withChanges(name, [WITHOUT_TRAINING], (configFile) =>
        step("Check that nothing else would change", () => refusePending(stack, configFile, "the model", [])),
    );
    if (!yes) {
        console.log(`Nothing was changed. To serve version ${version}: --yes`);
        return 0;
    }
    return serve(stack, candidate);
}

async function serve(stack: OpenStack, candidate: Challenger): Promise<number> {
    const { version, trigger } = candidate;
    const reason = `candidate of retraining: ${trigger}`;
    const code = await withChanges(stack.name, TAKING_UP, (configFile) =>
        run(stack.stack, { reason, ...configFile }),
    );
    const problem = code === 0 ? await otherThan(stack.name, version) : "its deployment failed";
    if (problem === undefined) {
        return 0;
    }
    console.error(`\n${stack.name}: version ${version} was not served: ${problem}`);
    await markNotServed(await modelOf(stack), candidate, problem);
    console.error(`It is not tried again. To try it: pulumi up --stack ${stack.name}`);
    return 1;
}

/** Why an update that succeeded did not serve the version; undefined if it did. */
async function otherThan(name: string, version: string): Promise<string | undefined> {
    const serving = servingRelease(await releasedStack(name));
    return serving.version === version
        ? undefined
        : `the run found other data or settings than the candidate's, and trained. Version ${serving.version} ` +
              `(${short(serving.sha256)}) serves`;
}

function nothing(name: string, why: string): number {
    console.log(harmless(`${name}: nothing was deployed: ${why}.`));
    return 0;
}
