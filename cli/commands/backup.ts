import { verb } from "../terminal/verb";
import { OUT, STACK } from "../terminal/words";

export const backup = verb({
    name: "backup",
    summary: "Backs up a stack's registry, with all runs and versions, and Pulumi's state",
    changes: "nothing but the folder that it makes in PATH; the stack stays in use",
    examples: ["--stack prod --out backups"],
    options: {
        stack: { ...STACK, says: "the stack that is backed up" },
        out: {
            ...OUT,
            says: "the folder that gets a folder STACK-TIME of its own for this backup",
            needed: true,
            was: "to",
        },
    },
    run: async (given) => (await import("../work/backup")).backup(given),
});
