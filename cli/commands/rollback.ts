import { verb } from "../terminal/verb";
import { DRY_RUN, RELEASE, STACK, WHY } from "../terminal/words";

export const rollback = verb({
    name: "rollback",
    summary: "Pins, in a stack's configuration, a release that the stack itself served before",
    changes:
        "Pulumi.STACK.yaml, for review in git; nothing with --list or --dry-run. With --yes, the stack too",
    examples: ["--stack prod --list", "--stack prod", "--stack prod --release REF --yes"],
    options: {
        stack: { ...STACK, says: "the stack that goes back" },
        release: {
            ...RELEASE,
            says: "the release: a tag, branch or commit; without it, the newest earlier one that was not rolled back",
            was: "to",
        },
        why: WHY,
        list: { says: "lists the releases, and changes nothing" },
        yes: { says: "also brings the stack up, as pulumi up does" },
        "dry-run": { ...DRY_RUN, says: "only shows what would change" },
    },
    apart: [["list", "yes", "dry-run"]],
    run: async (given) => (await import("../work/rollback")).rollback(given),
});
