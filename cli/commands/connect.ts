import { verb } from "../terminal/verb";

export const connect = verb({
    name: "connect",
    summary: "Lets a CI job reach the state and the engine, and says what is missing for it",
    changes: "the job's machine: an ssh-agent with the key, and known_hosts",
    more: [
        "Reads PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE or PULUMI_ACCESS_TOKEN, DOCKER_HOST, DEPLOY_SSH_KEY and",
        "DEPLOY_KNOWN_HOSTS; docs/ci.md says what they hold.",
    ].join("\n"),
    examples: [],
    options: {},
    run: async () => (await import("../work/connect")).connectJob(),
});
