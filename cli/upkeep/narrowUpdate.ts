/** An update that changes passwords, users or the certificate, and nothing else, because it is no release. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { mistake } from "../../common/mistake";
import { isEndOfTraining, readEvents, type ResourceChange } from "../ci/preview";
import { previewEvents } from "../stack/previewEvents";
import { run } from "../stack/run";
import type { OpenStack } from "../stack/stack";
import type { Change } from "../stack/stackFile";
import { withChanges, WITHOUT_TRAINING } from "../stack/withChanges";
import { step } from "../terminal/steps";

/** A resource that may change. */
export interface Allowed extends Pick<ResourceChange, "type" | "name"> {
    /** The only properties that may differ; undefined allows all of them. */
    readonly properties?: RegExp;
}

export interface NarrowUpdate {
    readonly stack: OpenStack;
    /** The things that change, as a refusal names them: "the passwords". */
    readonly what: string;
    /** Changes of the stack's configuration in this update. */
    readonly changes?: readonly Change[];
    /** The resources that may change because of them. */
    readonly allowed?: readonly Allowed[];
    /** URNs of the passwords, or of the certificate, that are made again. */
    readonly replace: readonly string[];
    /** Is written down with the update. */
    readonly reason: string;
}

/**
 * Refuses if an update would change more than it should. Otherwise makes the update, without training.
 *
 * @param proceed is asked after the check; false ends without a change
 * @returns Pulumi's exit code; undefined when nothing was done
 */
export async function narrowUpdate(
    { stack, what, changes = [], allowed = [], replace, reason }: NarrowUpdate,
    proceed: () => boolean,
): Promise<number | undefined> {
    // None of this is a reason to train.
    const untrained = stack.config.training.run === "always" ? [WITHOUT_TRAINING] : [];
    return withChanges(stack.name, [...changes, ...untrained], async (configFile) => {
        await step("Check that nothing else would change", () =>
            refusePending(stack, configFile, what, allowed),
        );
        return proceed() ? run(stack.stack, { ...configFile, replace, reason }) : undefined;
    });
}

/**
 * Refuses if an update would change something that is not allowed.
 *
 * @param configFile replaces the stack's file
 * @param what the things that may change, as the refusal names them
 */
export async function refusePending(
    { name, stack }: OpenStack,
    configFile: object,
    what: string,
    allowed: readonly Allowed[],
): Promise<void> {
    const { events, failure } = await previewEvents(stack, configFile);
    if (failure !== undefined) {
        throw mistake(`Stack ${name} cannot be previewed. Nothing was changed.\n${failure}`);
    }
    const pending = pendingOf(events, allowed);
    if (pending.length > 0) {
        throw mistake(
            [
                `Stack ${name}: an update would change more than ${what}:`,
                ...pending.map((it) => `  ${it}`),
                `Bring it up first: pulumi up --stack ${name}. Nothing was changed.`,
            ].join("\n"),
        );
    }
}

/**
 * The changes of a preview that are not allowed, "update serving-service". A training run that is no longer declared
 * does not count.
 */
export function pendingOf(events: readonly EngineEvent[], allowed: readonly Allowed[] = []): string[] {
    return readEvents(events)
        .changes.filter((change) => !isEndOfTraining(change) && !allowed.some((it) => permits(it, change)))
        .map(({ op, name }) => `${op} ${name}`);
}

function permits({ type, name, properties: only }: Allowed, change: ResourceChange): boolean {
    const { properties } = change;
    return (
        type === change.type &&
        name === change.name &&
        (only === undefined || (properties.length > 0 && properties.every((it) => only.test(it))))
    );
}
