import { verb } from "../terminal/verb";
import { STACK } from "../terminal/words";

export const drift = verb({
    name: "drift",
    summary: "Compares the running services with the configuration",
    changes: "nothing of the stack; sets this machine up as setup does",
    more: "The exit code is 1 when something differs.",
    examples: ["--stack prod"],
    options: {
        stack: { ...STACK, says: "the stack that is compared with the engine and with its configuration" },
    },
    run: async (given) => (await import("../work/drift")).drift(given),
});
