import { verb } from "../terminal/verb";
import { STACK } from "../terminal/words";

export const history = verb({
    name: "history",
    summary:
        "Lists the releases that served in a stack, the changes of its users and the silences, each with time and author",
    changes: "nothing",
    examples: ["--stack prod"],
    options: { stack: STACK },
    run: async (given) => (await import("../work/history")).history(given),
});
