import { spawnSync } from "node:child_process";

import { expect } from "chai";

import { CHECKOUT } from "../../../../cli/local/paths";

const CLOUD = { PULUMI_BACKEND_URL: "https://pulumi.example.test", PULUMI_ACCESS_TOKEN: "x" };

/** Runs the script as a job with these variables. */
function connect(variables: Record<string, string>) {
    const { status, stderr } = spawnSync(
        process.execPath,
        ["--require", "./runtime/strip.cjs", "cli/mlops.ts", "connect"],
        {
            cwd: CHECKOUT,
            encoding: "utf8",
            env: {
                PATH: process.env.PATH,
                HOME: process.env.HOME,
                RUNNER_ENVIRONMENT: "github-hosted",
                ...variables,
            },
        },
    );
    return { status, said: stderr.trim().split("\n") };
}

describe("what a CI job needs to reach state and engine", function () {
    this.timeout(60_000);

    it("is named as a whole when it is missing; an unset secret is an empty variable", () => {
        const { status, said } = connect({
            PULUMI_BACKEND_URL: "",
            PULUMI_CONFIG_PASSPHRASE: "",
            DOCKER_HOST: "",
        });
        expect(status).to.equal(1);
        expect(said).to.deep.equal([
            "PULUMI_BACKEND_URL: missing; a state on this machine ends with the job",
            "PULUMI_CONFIG_PASSPHRASE: missing; with an empty one anybody opens the secrets of the state",
            "DOCKER_HOST: missing; what is deployed to this machine ends with the job",
            "docs/ci.md says what to put there.",
        ]);
    });

    it("is a token, a key and the host's keys, where the state is with a service and the engine behind ssh", () => {
        const { status, said } = connect({
            ...CLOUD,
            PULUMI_ACCESS_TOKEN: "",
            DOCKER_HOST: "ssh://deploy@192.0.2.1",
        });
        expect(status).to.equal(1);
        expect(said.map((line) => line.split(":")[0])).to.deep.equal([
            "PULUMI_ACCESS_TOKEN",
            "DEPLOY_SSH_KEY",
            "DEPLOY_KNOWN_HOSTS",
            "docs/ci.md says what to put there.",
        ]);
    });

    it("is an engine that answers", () => {
        const { status, said } = connect({ ...CLOUD, DOCKER_HOST: "unix:///nowhere/docker.sock" });
        expect(status).to.equal(1);
        expect(said[0]).to.match(
            /^DOCKER_HOST: no engine answers at unix:\/\/\/nowhere\/docker.sock \(.*ENOENT/,
        );
    });
});
