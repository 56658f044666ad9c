import { verb } from "../terminal/verb";
import { SKIP_TRAINING, STACK } from "../terminal/words";

export const verify = verb({
    name: "verify",
    summary: "Checks that a stack serves the recorded model, and that its code makes this model again",
    changes: "nothing; the training run is thrown away",
    more: "The exit code is 1 when a check failed.",
    examples: ["--stack prod", "--stack prod --skip-training"],
    options: {
        stack: { ...STACK, says: "the stack that is checked" },
        "skip-training": {
            ...SKIP_TRAINING,
            says: "leaves out the throw-away training run, which takes as long as any",
            was: "no-retrain",
        },
    },
    run: async (given) => (await import("../work/verify")).verify(given),
});
