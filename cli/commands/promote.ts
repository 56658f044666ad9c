import { verb } from "../terminal/verb";
import { DRY_RUN, FROM, RELEASE, WHY, YES_OR_DRY_RUN } from "../terminal/words";

export const promote = verb({
    name: "promote",
    summary: "Pins, in a stack's configuration, the release that the stack before it validated",
    changes: "Pulumi.STACK.yaml, for review in git; nothing with --dry-run. With --yes, the stack too",
    examples: ["--from staging --to prod", "--from staging --to prod --dry-run"],
    options: {
        from: { ...FROM, needed: true },
        to: { value: "STACK", says: "the stack whose configuration is changed", needed: true },
        release: { ...RELEASE, says: "another validated release: a tag, branch or commit" },
        why: WHY,
        yes: { says: "also brings the stack up, as pulumi up does" },
        "dry-run": { ...DRY_RUN, says: "only shows what would change" },
    },
    apart: [YES_OR_DRY_RUN],
    run: async (given) => (await import("../work/promote")).promote(given),
});
