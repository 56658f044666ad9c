/** Pins, in a stack's configuration, a release that the stack itself served before. */
import { trainerImage } from "../components/trainer";
import { otherTrainer, type ReleaseRecord } from "../releases";
import { needed, parse } from "./release/args";
import { changeRelease, showChange } from "./release/change";
import { commitOf } from "./release/commit";
import { listed, named } from "./release/report";
import { openStack } from "./release/stack";
import { main, SetupError } from "./setup/steps";

const USAGE = `npm run rollback -- --stack STACK [--to REF] [--why TEXT] [--yes | --list]

  --stack STACK   the stack that goes back
  --to REF        to this release: a tag, branch or commit; without it, to the one before
  --why TEXT      is written down with the release
  --yes           runs pulumi up --stack STACK afterwards
  --list          lists the releases, and changes nothing`;

main(async (args) => {
    const options = { stack: "text", to: "text", why: "text", yes: "flag", list: "flag" } as const;
    const given = parse(args, options, USAGE);
    const stack = await openStack(needed(given.stack, "stack", USAGE));
    console.log(`Releases of ${stack.name}, newest first (*: serves)`);
    console.log(listed(stack.releases).join("\n"));
    const record = await released(stack.releases, given.to);
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
        commit === undefined ? it.commit !== now?.commit : it.commit === commit,
    );
    if (record === undefined) {
        throw new SetupError(
            ref === undefined
                ? "There is no release before that is in git. Nothing was changed."
                : `--to: got ${ref}, which this stack never served; choose one of the list. Nothing was changed.`,
        );
    }
    return record;
}
