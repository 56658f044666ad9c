import { verb } from "../terminal/verb";

export const check = verb({
    name: "check",
    summary: "Checks what changed, within a minute",
    changes: "nothing",
    more: [
        "It checks types, eslint, prettier, the order of imports, ruff, and the unit tests that the change can break. It is",
        "for each commit; npm test is for each push. The change is the difference between the working tree and a commit:",
        "without --since, the commit where this branch left its upstream.",
    ].join("\n"),
    examples: ["", "--since HEAD~3"],
    options: {
        since: { value: "REF", says: "the commit that the working tree is compared with" },
    },
    run: async (given) => (await import("../work/check")).check(given),
});
