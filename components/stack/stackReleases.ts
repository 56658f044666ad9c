import * as pulumi from "@pulumi/pulumi";

import { z } from "zod";

import { mistake } from "../../common/mistake";
import { type Candidate, checkPromotion, validatedBy } from "../../releases/promotions";
import { type ReleaseRecord, releaseRecords } from "../../releases/records";

/**
 * The outputs of a stack's last update, secret ones too.
 *
 * This asks Pulumi's engine as a StackReference would, but makes no resource. A resource
 * would copy all outputs of the other stack, including its password, into this stack's state.
 *
 * @returns undefined when there is no such stack
 * @throws a mistake when the outputs cannot be read
 */
async function outputsOf(stack: string): Promise<Record<string, unknown> | undefined> {
    const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
    try {
        const read: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
        return (read as { outputs: Record<string, unknown> }).outputs;
    } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (isUnknownStack(said, name)) {
            return undefined;
        }
        throw mistake(`stack ${stack}: what it released cannot be read, so nothing is changed: ${said}`);
    }
}

/**
 * The validated releases in a stack's outputs, newest first.
 *
 * @returns undefined when there is no such stack
 * @throws a mistake when the outputs cannot be read
 */
export async function releasesOf(stack: string): Promise<ReleaseRecord[] | undefined> {
    const outputs = await outputsOf(stack);
    return outputs === undefined ? undefined : releaseRecords(stack, outputs.releases);
}

/** The part of a stack's last update that the next update goes on from. */
export interface LastUpdate {
    /** The validated releases, newest first. */
    readonly releases: ReleaseRecord[];
    /** The gateway's users; undefined when there were none before, or in a release that knew only the owner. */
    readonly users: KnownUsers | undefined;
}

/** The users of a gateway. */
export interface KnownUsers {
    /** Roles by user, besides the owner. */
    readonly roles: Readonly<Record<string, string>>;
    /** Passwords by user. */
    readonly passwords: Readonly<Record<string, string>>;
}

const knownUsers = z
    .object({ users: z.record(z.string(), z.string()), passwords: z.record(z.string(), z.string()) })
    .transform(({ users: roles, passwords }): KnownUsers => ({ roles, passwords }));

/**
 * The last update of the stack that is brought up. This stack exists, so an unknown stack is
 * an error here, not a new stack.
 */
export async function lastUpdate(stack: string): Promise<LastUpdate> {
    const outputs = await outputsOf(stack);
    if (outputs === undefined) {
        throw mistake(
            `stack ${stack}: Pulumi does not find it while it is brought up, so what it released is not known, ` +
                "and nothing is changed. Is the backend the one that it was made in (pulumi whoami -v)?",
        );
    }
    return { releases: releaseRecords(stack, outputs.releases), users: knownUsers.safeParse(outputs).data };
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
 *
 * @returns the record of its validation; undefined in a preview without one
 */
export async function refuseUnvalidated(
    stack: string,
    from: string,
    candidate: Candidate,
    own: ReleaseRecord[],
): Promise<ReleaseRecord | undefined> {
    const theirs = from === stack ? own : await releasesOf(from);
    const warning = checkPromotion(stack, from, candidate, own, theirs, pulumi.runtime.isDryRun());
    if (warning !== undefined) {
        await pulumi.log.warn(warning);
    }
    return validatedBy(candidate, own, theirs ?? []);
}
