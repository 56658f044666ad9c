import { verb } from "../terminal/verb";
import { DRY_RUN, STACK, WHY, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const propose = verb({
    name: "propose",
    summary: "Proposes a stack's changed configuration as a pull request, so that git says what runs",
    changes: "nothing without --yes. With it: a branch and a pull request at GitHub",
    more: "For GitHub Actions, which sets GITHUB_REPOSITORY; it needs GITHUB_TOKEN.",
    examples: ['--stack staging --base main --why "what staging runs" --dry-run'],
    options: {
        stack: { ...STACK, says: "the stack whose Pulumi.STACK.yaml was changed here" },
        base: { value: "BRANCH", says: "the branch that gets the change", needed: true },
        why: { ...WHY, says: "the pull request's title", needed: true },
        yes: YES,
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN],
    actedUnasked: true,
    run: async (given) => (await import("../work/propose")).propose(given),
});
