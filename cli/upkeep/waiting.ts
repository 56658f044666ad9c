/** The candidate of retraining that waits in a stack's registry, and whether it may be served without a person. */
import { CHALLENGER, REFUSED, versionTag } from "../../contract/names";
import type { KnownRun, RegisteredModel } from "../../components/registry/mlflow";
import { GATE_TAG } from "../../components/registry/mlflowRuns";
import type { ReleaseRecord } from "../../releases/records";

/** A version with this tag was to be served without a person, and could not be. The tag says when and why. */
const NOT_SERVED_TAG = versionTag("not_served");
/** A version without a gate's verdict was not judged. */
const JUDGED: readonly (string | undefined)[] = ["passed", "warned"];

/** The registry's facts about the version with the alias `challenger`. */
export interface Challenger {
    readonly version: string;
    readonly tags: ReadonlyMap<string, string>;
    /** The trigger of the run that judged it last; empty if this was the run of a deployment. */
    readonly trigger: string;
}

/** The part of a registered model that is asked. */
interface Asked {
    aliased(alias: string): Promise<Omit<Challenger, "trigger"> | undefined>;
    run(runId: string): Promise<Pick<KnownRun, "tags"> | undefined>;
}

/** A candidate that may be served, or the reason why there is none. */
export type Waiting = { readonly candidate: Challenger } | { readonly none: string };

/** Asks the registry for the candidate that waits. */
export async function waitingIn(
    registered: Asked,
    serving: Pick<ReleaseRecord, "version">,
): Promise<Waiting> {
    const found = await registered.aliased(CHALLENGER);
    if (found === undefined) {
        return { none: "no candidate waits" };
    }
    const judge = found.tags.get(versionTag("judged_run"));
    const judging = judge === undefined ? undefined : await registered.run(judge);
    return judgeWaiting({ ...found, trigger: judging?.tags.get(versionTag("trigger")) ?? "" }, serving);
}

/** Whether a challenger may be served without a person. */
export function judgeWaiting(
    challenger: Challenger,
    { version: serving }: Pick<ReleaseRecord, "version">,
): Waiting {
    const { version, tags, trigger } = challenger;
    const gate = tags.get(GATE_TAG);
    const failed = tags.get(NOT_SERVED_TAG);
    if (Number(version) <= Number(serving)) {
        return {
            none: `no candidate waits: version ${serving}, which serves, is not older than version ${version}`,
        };
    }
    if (gate === REFUSED) {
        return { none: `no candidate waits: the gate refused version ${version}` };
    }
    if (!JUDGED.includes(gate) || trigger === "") {
        return {
            none: `no candidate of retraining waits: a deployment trained or judged version ${version} last`,
        };
    }
    if (!tags.has(versionTag("recipe_sha256"))) {
        return {
            none:
                `version ${version} waits, but nothing says what it was made of, because its source was not ` +
                "committed; a deployment would train again",
        };
    }
    if (failed !== undefined) {
        return { none: `version ${version} waits for a person, because it could not be served: ${failed}` };
    }
    return { candidate: challenger };
}

/** Marks a candidate, so that a schedule does not try it again and again. */
export async function markNotServed(
    registered: Pick<RegisteredModel, "setVersionTag">,
    { version }: Challenger,
    why: string,
): Promise<void> {
    await registered.setVersionTag(version, NOT_SERVED_TAG, `${new Date().toISOString()}: ${why}`);
}
