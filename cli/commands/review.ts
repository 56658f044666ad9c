import { verb } from "../terminal/verb";
import { OUT } from "../terminal/words";

export const review = verb({
    name: "review",
    summary: "Previews stacks, and writes what a pull request would change, as Markdown",
    changes: "nothing of the stacks; sets this machine up as setup does",
    more: "The exit code is 1 when a preview failed.",
    examples: ["--stacks staging,prod"],
    options: {
        stacks: { value: "STACK,STACK", says: "the stacks that are previewed", otherwise: "staging,prod" },
        out: { ...OUT, says: "writes the Markdown to this file, instead of printing it" },
    },
    run: async (given) => (await import("../work/review")).review(given),
});
