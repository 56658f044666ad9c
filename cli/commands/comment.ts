import { verb } from "../terminal/verb";
import { DRY_RUN, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const comment = verb({
    name: "comment",
    summary: "Writes a review as the one comment of a pull request that each push changes",
    changes: "nothing without --yes. With it: that comment",
    more: "For GitHub Actions, which sets GITHUB_REPOSITORY; it needs GITHUB_TOKEN.",
    examples: ["--pull 7 --file review.md --dry-run"],
    options: {
        pull: { value: "NUMBER", says: "the pull request", needed: true },
        file: { value: "PATH", says: "the file that the command review wrote", needed: true, path: true },
        yes: YES,
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN],
    actedUnasked: true,
    run: async (given) => (await import("../work/comment")).comment(given),
});
