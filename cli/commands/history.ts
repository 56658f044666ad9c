import { verb } from "../terminal/verb";
import { STACK } from "../terminal/words";

export const history = verb({
    name: "history",
    summary: "Tells what served in a stack: when, by whom, from what, to what, and why",
    changes: "nothing",
    examples: ["--stack prod"],
    options: { stack: STACK },
    run: async (given) => (await import("../work/history")).history(given),
});
