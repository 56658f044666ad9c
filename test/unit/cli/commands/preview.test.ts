import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { MARKER } from "../../../../cli/ci/markdown";
import { withFakeEngine } from "../../../support/engine/fakeEngine";
import { temporaryFolder } from "../../../support/temporaryFolder";
import { readyEngine } from "../../../support/commands/engine";
import type { CommandProject, Ended, Snapshot } from "../../../support/commands/project";
import { releasedProject } from "../../../support/commands/released";

const RUN = "seismic:platform:TrainingRun$docker:index/container:Container";
const SERVICE = "seismic:platform:ModelServing$docker:index/service:Service";

describe("the commands that preview", function () {
    this.timeout("60s");
    let folder: string;
    temporaryFolder((made) => (folder = made));
    let project: CommandProject;
    let commits: [a: string, b: string];
    let untouched: Snapshot;
    releasedProject((made) => ({ project, commits } = made));
    beforeEach(() => (untouched = project.snapshot()));
    const unchanged = () => expect(project.snapshot()).to.deep.equal(untouched);
    const run = (script: string, ...args: string[]): Promise<Ended> =>
        withFakeEngine(folder, readyEngine(), (host) => project.run(script, args, { DOCKER_HOST: host }));

    describe("drift", () => {
        /**
         * An update always trains. So the run would change, and also everything that is made from it and cannot be
         * seen.
         */
        const program = (drifted: string) => `
            const step = (op, type, name) => ({
                resourcePreEvent: { metadata: { op, type: type.split("$").pop(), urn: \`urn:pulumi:s::p::\${type}::\${name}\` } },
            });
            const training = config["seismic-mlops:training"].run;
            const trains = [step("replace", "${RUN}", "seismic-mlops-staging-training"), step("update", "${SERVICE}", "serving-service")];
            const ends = [step("delete", "${RUN}", "seismic-mlops-staging-training")];
            return { events: [...(training === "always" ? trains : ends), step("same", "${SERVICE}", "gateway-service"), ${drifted}] };`;

        it("is silent right after an update of a stack that trains always", async () => {
            project.program(program(""));
            const { code, stdout } = await run("drift", "--stack", "staging");
            expect(code, stdout).to.equal(0);
            expect(stdout).to.include("The running services match the configuration.");
            unchanged();
            const [preview] = project.calls().filter(([command]) => command === "preview");
            expect(preview).to.include("--refresh");
        });

        it("tells of what is another thing, and changes nothing", async () => {
            const other = [
                `step("update", "${SERVICE}", "gateway-service")`,
                `step("delete", "${SERVICE}", "of-training")`,
                `step("replace", "${RUN}", "seismic-mlops-staging-training")`,
            ];
            project.program(program(other.join(", ")));
            const { code, stdout, stderr } = await run("drift", "--stack", "staging");
            expect(code).to.equal(1);
            expect(stdout, stderr).to.match(
                /3 resources differ[^]*gateway-service[^]*of-training[^]*-training/,
            );
            unchanged();
        });
    });

    describe("deploy", () => {
        it("--dry-run shows what would change, and changes nothing", async () => {
            const args = ["--stack", "production", "--from", "staging", "--dry-run"];
            const { code, stdout } = await run("deploy", ...args);
            expect(code).to.equal(0);
            expect(stdout).to.include("Nothing was changed. To bring prod up: --yes");
            expect(project.calls().map(([command]) => command))
                .to.include("preview")
                .and.not.include("up");
            unchanged();
        });

        it("--dry-run shows a stack that is not there, and leaves none", async () => {
            const before = project.read("Pulumi.dev.yaml");
            const { code, stderr } = await run("deploy", "--stack", "dev", "--dry-run");
            expect(code, stderr).to.equal(0);
            expect(project.calls().map(([command]) => command))
                .to.include("preview")
                .and.not.include("up");
            expect(existsSync(project.state("dev"))).to.equal(false);
            expect(project.read("Pulumi.dev.yaml")).to.equal(before);
            unchanged();
        });

        it("--from pins what the other stack proved, and brings the stack up with it", async () => {
            const { code } = await run("deploy", "--stack", "production", "--from", "staging", "--yes");
            expect(code).to.equal(0);
            const { files, states, status } = project.snapshot();
            expect(status.trim()).to.equal("M Pulumi.prod.yaml");
            expect(files.prod).to.include(`seismic-mlops:release: ${commits[1]}`);
            expect(states).to.include(commits[1]).and.not.include('"run":"never"');
        });

        it("--from pins, and --skip-training keeps the model in this run only", async () => {
            const args = ["--stack", "production", "--from", "staging", "--skip-training", "--yes"];
            const { code } = await run("deploy", ...args);
            expect(code).to.equal(0);
            const { files, states, status } = project.snapshot();
            expect(status.trim()).to.equal("M Pulumi.prod.yaml");
            expect(files.prod).to.include(`seismic-mlops:release: ${commits[1]}`).and.include("run: always");
            expect(states).to.include('"run":"never"').and.include('"reason":"promotion from staging"');
        });
    });

    describe("deploy by its words of the last release", () => {
        it("is told the new ones, and does as before", async () => {
            const args = ["--env", "production", "--promote-from", "staging", "--yes"];
            const { code, stderr } = await run("deploy", ...args);
            expect(code).to.equal(0);
            expect(stderr).to.match(/--env: is called --stack now;[^]*--promote-from: is called --from now;/);
            expect(project.snapshot().states).to.include(commits[1]);
        });
    });

    describe("rotate", () => {
        /** The passwords of a stack, in its state. */
        const password = {
            type: "random:index/randomPassword:RandomPassword",
            urn: "urn:pulumi:staging::p::t::gateway-password",
        };

        it("--dry-run says which passwords would be made, and changes nothing", async () => {
            project.stack("staging", [], { username: "u", password: "p" }, [password]);
            untouched = project.snapshot();
            const args = ["--stack", "staging", "--only", "gateway", "--dry-run"];
            const { code, stdout, stderr } = await run("rotate", ...args);
            expect(code, stderr).to.equal(0);
            expect(stdout).to.include("New passwords would be made in staging: gateway. To make them: --yes");
            expect(project.calls().map(([command]) => command))
                .to.include("preview")
                .and.not.include("up");
            unchanged();
        });
    });

    describe("prune", () => {
        it("--yes refuses while an update is under way, and removes nothing", async () => {
            project.locked("the stack is currently locked by 1 lock(s). created by ann@host");
            const { code, stderr } = await run("prune", "--all", "--yes");
            project.locked("");
            expect(code).to.equal(1);
            expect(stderr).to.match(/^\nStack \S+: an update is under way; wait for its end[^]*ann@host/);
            unchanged();
        });

        it("lists what is needed by nothing, and changes nothing without --yes", async () => {
            const { code, stdout } = await run("prune", "--stack", "prod");
            expect(code, stdout).to.equal(0);
            expect(stdout)
                .to.match(/\d+ not needed/)
                .and.not.include("removed");
            expect(project.calls().map((call) => call.slice(0, 2).join(" "))).to.not.include("stack init");
            unchanged();
        });
    });

    it("comment and propose say what they would write, and ask nobody", async () => {
        const file = join(folder, "review.md");
        writeFileSync(file, `${MARKER}\nwhat changes\n`);
        const comment = await run("comment", "--pull", "7", "--file", file, "--dry-run");
        expect(comment.code, comment.stderr).to.equal(0);
        expect(comment.stdout).to.match(
            /what changes[^]*would be the comment of pull request 7\. To write it: --yes/,
        );
        const words = ["--stack", "staging", "--base", "main", "--why", "what staging runs"];
        const proposed = await run("propose", ...words, "--dry-run");
        expect(proposed.code, proposed.stderr).to.equal(0);
        expect(proposed.stdout).to.include(
            "Would propose Pulumi.staging.yaml, as it is here, to main: what staging runs",
        );
        unchanged();
    });

    it("review tells what would change in each stack, and changes nothing", async () => {
        const { code, stdout } = await run("review", "--stacks", "staging,prod");
        expect(code, stdout).to.equal(0);
        expect(stdout).to.match(/staging[^]*prod/);
        expect(project.calls().filter(([command]) => command === "up")).to.deep.equal([]);
        unchanged();
    });
});
