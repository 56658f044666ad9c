import { verb } from "../terminal/verb";
import { STACK } from "../terminal/words";

export const history = verb({
    name: "history",
    summary: "Lists what served in a stack, and changes of its users and silences, with time and author",
    changes: "nothing",
    examples: ["--stack prod"],
    options: { stack: STACK },
    run: async (given) => (await import("../work/history")).history(given),
});
