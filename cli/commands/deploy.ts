import { verb } from "../terminal/verb";
import { DRY_RUN, FROM, SKIP_TRAINING, STACK, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const deploy = verb({
    name: "deploy",
    summary: "Brings a stack up, by the same program and configuration as pulumi up",
    changes:
        "nothing without --yes. With it: the stack; and with --from its Pulumi.STACK.yaml, which pins the release",
    examples: [
        "--stack dev --dry-run",
        "--stack staging --yes",
        "--stack staging --skip-training --yes",
        "--stack prod --from staging --yes",
        "--stack prod --waiting --yes",
    ],
    options: {
        stack: {
            ...STACK,
            says: "the stack that is brought up; development and production stand for dev and prod",
            was: "env",
        },
        from: { ...FROM, was: "promote-from" },
        "skip-training": { ...SKIP_TRAINING, says: "keeps the registered model in this run" },
        waiting: {
            says: "only serves a candidate of retraining, if one waits and retraining.serve is true; for a schedule",
        },
        yes: YES,
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN, ["from", "waiting"], ["skip-training", "waiting"]],
    actedUnasked: true,
    run: async (given) => (await import("../work/deploy")).deploy(given),
});
