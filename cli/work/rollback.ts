/** Pins, in a stack's configuration, a release that the stack itself served before. */
import { trainerImage } from "../../components/image/trainer";
import { isRolledBack, otherTrainer, type ReleaseRecord } from "../../releases/records";
import { needed, parse } from "../terminal/args";
import { changeRelease, showChange } from "../stack/change";
import { commitOf } from "../stack/commit";
import { listed, named } from "../terminal/report";
import { releasedStack, reopened } from "../stack/stack";
import { main, SetupError } from "../terminal/steps";

const USAGE = `npm run rollback -- --stack STACK [--to REF] [--why TEXT] [--yes]
npm run rollback -- --stack STACK --list

  --stack STACK   the stack that goes back
  --to REF        to this release: a tag, branch or commit; without it, to the one before
                  that was not gone back from
  --why TEXT      is written down with the release
  --yes           runs pulumi up --stack STACK afterwards
  --list          lists the releases, and changes nothing`;

main(async (args) => {
    const options = { stack: "text", to: "text", why: "text", yes: "flag", list: "flag" } as const;
    const given = parse(args, options, USAGE, ["list", "yes"]);
    if (given.list && (given.to ?? given.why) !== undefined) {
        throw new SetupError(`--list: it changes nothing, so leave --to and --why out\n\n${USAGE}`);
    }
    const from = await releasedStack(needed(given.stack, "stack", USAGE));
    console.log(`Releases of ${from.name}, newest first (*: serves)`);
    console.log(listed(from.releases).join("\n"));
    if (given.list) {
        return 0;
    }
    const record = await released(from.releases, given.to);
    // What is pinned now may be what is wrong with its configuration.
    const stack = await reopened(from, record.commit);
    const other = otherTrainer(record, trainerImage(stack.config.trainer));
    if (other !== undefined) {
        throw new SetupError(`${other}. Nothing was changed.`);
    }
    console.log(`\nRollback of ${stack.name} to ${named(record)}`);
    await showChange(stack, record);
    return changeRelease({
        to: stack,
        record,
        reason: given.why ?? `rollback to ${named(record)}`,
        yes: given.yes,
    });
});

/** The release that a ref names, or else the one before. */
async function released(releases: readonly ReleaseRecord[], ref: string | undefined): Promise<ReleaseRecord> {
    const [now] = releases;
    // What was not committed cannot be had again from git.
    const clean = releases.filter(({ dirty }) => !dirty);
    const commit = ref === undefined ? undefined : await commitOf(ref);
    const record = clean.find((it) =>
        commit === undefined
            ? it.commit !== now?.commit && !isRolledBack(releases, it)
            : it.commit === commit,
    );
    if (record === undefined) {
        throw new SetupError(
            ref === undefined
                ? "There is no release before that is in git and was not gone back from; --to REF names any. Nothing was changed."
                : `--to: got ${ref}, which this stack never served; choose one of the list. Nothing was changed.`,
        );
    }
    return record;
}
