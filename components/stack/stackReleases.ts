import * as pulumi from "@pulumi/pulumi";

import { mistake } from "../../common/mistake";
import { type Candidate, checkPromotion, type ReleaseRecord, releaseRecords } from "../../releases/records";

/**
 * The validated releases that a stack's outputs name, newest first.
 *
 * Asked of the engine as a StackReference would, but without becoming a resource: that would
 * copy all of the other stack's outputs, its password among them, into this stack's state.
 *
 * @returns undefined when there is no such stack
 * @throws a mistake when it cannot be told
 */
export async function releasesOf(stack: string): Promise<ReleaseRecord[] | undefined> {
    const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
    let outputs: Record<string, unknown>;
    try {
        const read: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
        ({ outputs } = read as { outputs: Record<string, unknown> });
    } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (isUnknownStack(said, name)) {
            return undefined;
        }
        throw mistake(`stack ${stack}: what it released cannot be read, so nothing is changed: ${said}`);
    }
    return releaseRecords(stack, outputs.releases);
}

/** Those of the stack that is brought up, which is there: no answer is not taken for a new stack. */
export async function ownReleases(stack: string): Promise<ReleaseRecord[]> {
    const releases = await releasesOf(stack);
    if (releases === undefined) {
        throw mistake(
            `stack ${stack}: Pulumi does not find it while it is brought up, so what it released is not known, ` +
                "and nothing is changed. Is the backend the one that it was made in (pulumi whoami -v)?",
        );
    }
    return releases;
}

/**
 * Whether Pulumi said that there is no stack of this full name, and not that something else was not found.
 * Source: Pulumi 3.245, backend/backend.go, backendClient.GetStackOutputs, whichever the backend is.
 */
export function isUnknownStack(said: string, name: string): boolean {
    return said.includes(`unknown stack "${name}"`);
}

/** Ends the program when the stack before has not validated the release; warns while there is no such stack. */
export async function refuseUnvalidated(
    stack: string,
    from: string,
    candidate: Candidate,
    own: ReleaseRecord[],
): Promise<void> {
    const theirs = from === stack ? own : await releasesOf(from);
    const warning = checkPromotion(stack, from, candidate, own, theirs, pulumi.runtime.isDryRun());
    if (warning !== undefined) {
        await pulumi.log.warn(warning);
    }
}
