import { verb } from "../terminal/verb";
import { DRY_RUN, STACK, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const patch = verb({
    name: "patch",
    summary: "Lists newer Debian packages for a stack's images, and takes them",
    changes: "nothing without --yes. With it: the base image of the stack's engine is made anew",
    more: [
        "All stacks of that engine use the base image. The next update of each stack builds its images again, and",
        "rolls them out.",
    ].join("\n"),
    examples: [],
    options: {
        stack: { ...STACK, says: "on the engine of this stack" },
        yes: { ...YES, says: "makes the base image anew; without it nothing is changed" },
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN],
    run: async (given) => (await import("../work/patch")).patch(given),
});
