import { verb } from "../terminal/verb";
import { DRY_RUN, STACK, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const rotate = verb({
    name: "rotate",
    summary: "Gives a stack new passwords",
    changes:
        "nothing without --yes. With it: the passwords; services start anew one by one, the database and its readers restart",
    examples: ["--stack prod --dry-run", "--stack prod --yes"],
    options: {
        stack: { ...STACK, says: "the stack that gets new passwords" },
        only: { value: "WHICH", says: "gateway, services or database; without it, all" },
        yes: YES,
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN],
    actedUnasked: true,
    run: async (given) => (await import("../work/rotate")).rotate(given),
});
