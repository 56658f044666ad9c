import { verb } from "../terminal/verb";

export const setup = verb({
    name: "setup",
    summary: "Makes what the project needs on this machine",
    changes:
        "this machine: what is missing of an engine, its swarm, the base image, Pulumi, a state and its passphrase",
    examples: [""],
    options: {},
    run: async () => (await import("../work/setup")).setup(),
});
