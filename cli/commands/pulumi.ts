import type { PassingVerb } from "../terminal/verb";

export const pulumi: PassingVerb = {
    name: "pulumi",
    summary: "Runs pulumi as setup arranged it, in any shell",
    changes: "what that command of Pulumi changes, which asks by itself",
    more: "For what Pulumi prints alone: npm run -s pulumi -- stack output --stack dev",
    examples: [],
    passes: "[ARGUMENTS]",
    pass: async (args) => (await import("../work/pulumi")).pulumi(args),
};
