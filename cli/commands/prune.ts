import { verb } from "../terminal/verb";
import { DRY_RUN, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const prune = verb({
    name: "prune",
    summary: "Lists and removes things on the disk that stacks no longer need",
    changes:
        "nothing without --yes. With it: images, source trees, build logs, and files of refused and failed runs go",
    examples: ["--stack prod", "--stack prod --yes", "--all"],
    options: {
        stack: { value: "STACK", says: "on the engine of this stack" },
        all: { says: "on the engine of every stack" },
        // Keep the newest runs, because somebody may look into them.
        "keep-runs": {
            value: "N",
            says: "of the runs that were refused or failed, the newest N keep their files",
            otherwise: "5",
        },
        yes: { ...YES, says: "removes what is listed as not needed; without it nothing is changed" },
        "dry-run": DRY_RUN,
    },
    oneOf: ["stack", "all"],
    apart: [YES_OR_DRY_RUN],
    run: async (given) => (await import("../work/prune")).prune(given),
});
