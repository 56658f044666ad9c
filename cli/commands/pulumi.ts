import type { PassingVerb } from "../terminal/verb";

export const pulumi: PassingVerb = {
    name: "pulumi",
    summary: "Runs the pulumi that setup installed, in any shell",
    changes: "the same as that command of Pulumi, which asks before",
    more: "For what Pulumi prints alone: npm run -s pulumi -- stack output --stack dev",
    examples: [],
    passes: "[ARGUMENTS]",
    pass: async (args) => (await import("../work/pulumi")).pulumi(args),
};
