import { verb } from "../terminal/verb";
import { STACK } from "../terminal/words";

export const history = verb({
    name: "history",
    summary: "Lists the releases that served in a stack, each with its time, author, versions and reason",
    changes: "nothing",
    examples: ["--stack prod"],
    options: { stack: STACK },
    run: async (given) => (await import("../work/history")).history(given),
});
