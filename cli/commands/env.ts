import { verb } from "../terminal/verb";

export const env = verb({
    name: "env",
    summary: "Prints the shell exports that plain pulumi needs",
    changes: "nothing",
    more: 'For a shell: eval "$(npm run -s env)"',
    examples: [],
    options: {},
    run: async () => (await import("../work/env")).env(),
});
