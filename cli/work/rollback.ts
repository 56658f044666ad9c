/** Pins a release in a stack's configuration. The stack has served the release before. */
import { mistake } from "../../common/mistake";
import { trainerImage } from "../../components/image/trainer";
import { otherTrainer } from "../../releases/promotions";
import { isRolledBack, type ReleaseRecord } from "../../releases/records";
import { changeRelease, showChange } from "../release/change";
import { commitOf } from "../release/commit";
import { listed, named } from "../terminal/report";
import { releasedStack, reopened } from "../stack/stack";

export interface RollbackArgs {
    readonly stack: string;
    readonly release: string | undefined;
    readonly why: string | undefined;
    readonly list: boolean;
    readonly yes: boolean;
    readonly "dry-run": boolean;
}

export async function rollback(given: RollbackArgs): Promise<number> {
    if (given.list && (given.release ?? given.why) !== undefined) {
        throw mistake("--list: it changes nothing, so leave --release and --why out.");
    }
    const from = await releasedStack(given.stack);
    console.log(`Releases of ${from.name}, newest first (*: serves)`);
    console.log(listed(from.releases).join("\n"));
    if (given.list) {
        return 0;
    }
    const record = await released(from.releases, given.release);
    // The present configuration may be wrong because of the pinned release, so open the stack with the earlier
    // release.
    const stack = await reopened(from, record.commit);
    const other = otherTrainer(record, trainerImage(stack.config.trainer));
    if (other !== undefined) {
        throw mistake(`${other}. Nothing was changed.`);
    }
    console.log(`\nRollback of ${stack.name} to ${named(record)}`);
    await showChange(stack, record);
    return changeRelease({
        to: stack,
        record,
        reason: given.why ?? `rollback to ${named(record)}`,
        yes: given.yes,
        dryRun: given["dry-run"],
    });
}

/** The release that a ref names, or else the release before. */
async function released(releases: readonly ReleaseRecord[], ref: string | undefined): Promise<ReleaseRecord> {
    const [now] = releases;
    // git cannot give uncommitted changes back, so leave such releases out.
    const clean = releases.filter(({ dirty }) => !dirty);
    const commit = ref === undefined ? undefined : await commitOf(ref);
    const record = clean.find((it) =>
        commit === undefined
            ? it.commit !== now?.commit && !isRolledBack(releases, it)
            : it.commit === commit,
    );
    if (record === undefined) {
        throw mistake(
            ref === undefined
                ? "There is no earlier release that is in git and was not rolled back; name one: --release REF. Nothing was changed."
                : `--release: got ${ref}, which this stack never served; choose one of the list. Nothing was changed.`,
        );
    }
    return record;
}
