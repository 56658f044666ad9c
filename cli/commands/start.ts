import type { PassingVerb } from "../terminal/verb";

export const start: PassingVerb = {
    name: "start",
    summary: "Sets up what is missing, brings a stack up, and says where things are",
    changes: "this machine, as setup does, and the stack, which is dev without --stack. It asks nothing",
    more: "--stack names the stack, which is made if there is none. OPTIONS are those of pulumi up.",
    examples: ["", "--stack staging"],
    script: "npm start",
    passes: "[--stack STACK] [OPTIONS]",
    pass: async (args) => (await import("../work/start")).start(args),
};
