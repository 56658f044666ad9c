import { execFileSync } from "node:child_process";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { pluginProblem } from "../../../engine/address";
import { setUp, useContext, writeContext } from "../../support/machine";
import { temporaryFolder } from "../../support/temporaryFolder";

const SOCKET = "unix:///home/me/.colima/default/docker.sock";

describe("one engine for the program, its plugin and the commands", () => {
    let home: string;
    temporaryFolder((made) => (home = made));

    for (const [what, host, variables, problem] of [
        [
            "builds images at another than docker:host's",
            SOCKET,
            {},
            /^docker:host: got .* would build images at unix:\/\/\/var\/run\/docker.sock; .* export DOCKER_HOST=unix/,
        ],
        ["builds images at docker:host", SOCKET, { DOCKER_HOST: SOCKET }, undefined],
        ["knows DOCKER_HOST", undefined, { DOCKER_HOST: SOCKET }, undefined],
        ["has not been told of a context", undefined, {}, /not been told; .*npm run -s env/],
        [
            "takes DOCKER_CONTEXT over docker:host",
            SOCKET,
            { DOCKER_CONTEXT: "far" },
            /^DOCKER_CONTEXT: got far, which .* instead of unix/,
        ],
        [
            "takes DOCKER_CONTEXT over DOCKER_HOST",
            undefined,
            { DOCKER_HOST: SOCKET, DOCKER_CONTEXT: "far" },
            /^DOCKER_CONTEXT: got far/,
        ],
        [
            "goes by an emptied DOCKER_CONTEXT",
            undefined,
            { DOCKER_HOST: SOCKET, DOCKER_CONTEXT: "" },
            undefined,
        ],
    ] as const) {
        it(`is refused where Pulumi's plugin would work on another: the plugin ${what}`, () => {
            const found = pluginProblem(
                host,
                { host: SOCKET, source: "docker context x", variables: {} },
                variables,
            );
            if (problem === undefined) {
                expect(found).to.equal(undefined);
            } else {
                expect(found).to.match(problem);
            }
        });
    }

    it("is the same for each command that setup arranges, and for a shell that took its exports", () => {
        writeContext(home, "far", { Host: "ssh://me@far.example.org" });
        useContext(home, "far");
        const env = setUp(home);
        const script = (name: string, ...args: string[]): string =>
            execFileSync(
                process.execPath,
                ["--require", "./runtime/strip.cjs", "cli/mlops.ts", name, ...args],
                {
                    cwd: CHECKOUT,
                    env,
                    encoding: "utf8",
                },
            );
        expect(script("pulumi").trim()).to.equal("ssh://me@far.example.org");
        const shell = ["-c", `${script("env")}\npulumi`];
        expect(execFileSync("sh", shell, { env, encoding: "utf8" }).trim()).to.equal(
            "ssh://me@far.example.org",
        );
    }).timeout(60_000);
});
