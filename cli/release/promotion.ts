/** The releases that a stack may take over from the stack before it. */
import { mistake } from "../../common/mistake";
import { isRolledBack, type ReleaseRecord } from "../../releases/records";
import { commitOf } from "./commit";
import { listed } from "../terminal/report";
import type { OpenStack } from "../stack/stack";

/**
 * The release that a ref names. Without a ref, the newest validated release that the stack has not gone back from.
 */
export async function validated(from: OpenStack, ref: string | undefined): Promise<ReleaseRecord> {
    const clean = from.releases.filter(({ dirty }) => !dirty);
    const commit = ref === undefined ? undefined : await commitOf(ref);
    const record = clean.find((it) =>
        commit === undefined ? !isRolledBack(from.releases, it) : it.commit === commit,
    );
    if (record === undefined) {
        const has = clean.length > 0 ? [`${from.name} has validated:`, ...listed(clean)] : [];
        throw mistake(
            [
                ref === undefined
                    ? `Stack ${from.name} has validated nothing yet that is in git.`
                    : `--release: got ${ref}, which ${from.name} has not validated.`,
                `Validate it there first: pulumi up --stack ${from.name}`,
                ...has,
            ].join("\n"),
        );
    }
    return record;
}
