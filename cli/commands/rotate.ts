import { verb } from "../terminal/verb";
import { DRY_RUN, STACK, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const rotate = verb({
    name: "rotate",
    summary: "Gives a stack new passwords, or a new certificate of its own",
    changes:
        "nothing without --yes. With it: the passwords; services start anew one by one, the database and its readers restart. " +
        "Or the certificate (tls.selfSigned), which every client then has to trust",
    examples: ["--stack prod --dry-run", "--stack prod --yes", "--stack prod --only certificate --yes"],
    options: {
        stack: { ...STACK, says: "the stack that gets them" },
        only: {
            value: "WHICH",
            says: "gateway, services, database or certificate; without it, all but the certificate",
        },
        yes: YES,
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN],
    actedUnasked: true,
    run: async (given) => (await import("../work/rotate")).rotate(given),
});
