import * as pulumi from "@pulumi/pulumi";

import { mistake } from "../../common/mistake";
import { type Candidate, checkPromotion, type ReleaseRecord, releaseRecords } from "../../releases/records";

/**
 * The validated releases in a stack's outputs, newest first.
 *
 * This asks Pulumi's engine as a StackReference would, but makes no resource. A resource
 * would copy all outputs of the other stack, including its password, into this stack's state.
 *
 * @returns undefined when there is no such stack
 * @throws a mistake when the outputs cannot be read
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

/**
 * The releases of the stack that is brought up. This stack exists, so an unknown stack is
 * an error here, not a new stack.
 */
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
 * Whether Pulumi said that there is no stack of this full name, and not that something else was missing.
 * Source: Pulumi 3.245, backend/backend.go, backendClient.GetStackOutputs, for every backend.
 */
export function isUnknownStack(said: string, name: string): boolean {
    return said.includes(`unknown stack "${name}"`);
}

/**
 * Ends the program when the previous stack has not validated the release. In a preview, a
 * missing stack is only a warning.
 */
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
