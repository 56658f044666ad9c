import { existsSync, rmSync } from "node:fs";

import { expect } from "chai";

import type { CommandProject, Snapshot } from "../../../support/commands/project";
import { recordOf } from "../../../support/commands/records";
import { releasedProject } from "../../../support/commands/released";

const KEY = "seismic-mlops:release";

describe("the commands that release", function () {
    this.timeout("60s");
    let project: CommandProject;
    let commits: [a: string, b: string];
    let untouched: Snapshot;
    releasedProject((made) => ({ project, commits } = made));
    beforeEach(() => (untouched = project.snapshot()));
    afterEach(() => {
        // The next plain command would change a selected stack.
        expect(project.calls().map((call) => call.slice(0, 2).join(" "))).to.not.include("stack select");
    });
    const unchanged = () => expect(project.snapshot()).to.deep.equal(untouched);
    const rollback = (...args: string[]) => project.run("rollback", ["--stack", "prod", ...args]);

    describe("rollback", () => {
        it("--list lists, and changes nothing, with or without a release before", async () => {
            const { code, stdout } = await rollback("--list");
            expect({ code, lines: stdout.trim().split("\n").length }).to.deep.equal({ code: 0, lines: 4 });
            unchanged();
            project.stack("prod", []);
            untouched = project.snapshot();
            expect((await rollback("--list")).code).to.equal(0);
            unchanged();
        });

        it("pins the release before in the stack's file, and nothing else", async () => {
            const { code, stdout } = await rollback();
            expect(code).to.equal(0);
            expect(stdout).to.include(`release: nothing -> ${commits[0]}`);
            const { status, files, states } = project.snapshot();
            expect(status.trim()).to.equal("M Pulumi.prod.yaml");
            expect(files.prod!.replace(/^ {2}seismic-mlops:release: .*\n/m, "")).to.equal(
                untouched.files.prod,
            );
            expect(states).to.equal(untouched.states);
        });

        it("--dry-run shows what would be pinned, and changes nothing", async () => {
            const { code, stdout } = await rollback("--dry-run");
            expect(code).to.equal(0);
            expect(stdout).to.match(
                new RegExp(`would be changed:\\n +release: nothing -> ${commits[0]}[^]*Nothing was changed`),
            );
            unchanged();
        });

        it("--yes brings the stack up with it", async () => {
            expect((await rollback("--yes")).code).to.equal(0);
            expect(project.snapshot().states).to.include(`"${KEY}":"${commits[0]}"`);
        });

        it("--yes brings the stack up with one that is named, and says why", async () => {
            const { code, stdout } = await rollback("--release", commits[0], "--why", "worse", "--yes");
            expect(code).to.equal(0);
            expect(stdout).to.include("Stack prod is up.").and.not.include("canary");
            const { states } = project.snapshot();
            expect(states).to.include(`"${KEY}":"${commits[0]}"`).and.include('"reason":"worse"');
        });

        it("passes over what was gone back from, and lists it as such", async () => {
            const [a, b] = commits;
            const rolledBack = { at: "2026-01-03T00:00:00Z", why: "worse" };
            const [first, second] = [recordOf(a), recordOf(b, { rolledBack })];
            project.stack("prod", [first, second, first]);
            untouched = project.snapshot();
            const [plain, list] = await project.mains([
                { script: "rollback", args: ["--stack", "prod"] },
                { script: "rollback", args: ["--stack", "prod", "--list"] },
            ]);
            expect(plain).to.include({ code: 1 });
            expect(plain!.stderr).to.include(
                "There is no earlier release that is in git and was not rolled back",
            );
            expect(list!.stdout).to.include("gone back from at 2026-01-03 00:00:00: worse");
            unchanged();
            const { code } = await rollback("--release", b);
            expect({ code, file: project.read("Pulumi.prod.yaml").includes(b) }).to.deep.equal({
                code: 0,
                file: true,
            });
        });

        it("refuses what was never served, and changes nothing", async () => {
            project.stack("prod", [recordOf(commits[1])]);
            untouched = project.snapshot();
            const { code, stderr } = await rollback("--release", commits[0]);
            expect(code).to.equal(1);
            expect(stderr).to.match(/--release: got .*never served[^]*Nothing was changed/);
            expect((await rollback()).stderr).to.include("There is no earlier release that is in git");
            unchanged();
        });
    });

    describe("promote", () => {
        const promote = (...args: string[]) =>
            project.run("promote", ["--from", "staging", "--to", "prod", ...args]);

        it("pins what staging validated, and nothing else", async () => {
            project.stack("prod", []);
            untouched = project.snapshot();
            const { code } = await promote();
            expect(code).to.equal(0);
            const { status, files, states } = project.snapshot();
            expect(status.trim()).to.equal("M Pulumi.prod.yaml");
            expect(files.prod).to.include(`${KEY}: ${commits[1]}`);
            expect(states).to.equal(untouched.states);
        });

        it("--dry-run shows what would be pinned, and leaves no stack that was not there", async () => {
            rmSync(project.state("prod"));
            untouched = project.snapshot();
            const { code, stdout, stderr } = await promote("--dry-run");
            expect(code, stderr).to.equal(0);
            expect(stdout).to.include(`release: nothing -> ${commits[1]}`);
            expect(existsSync(project.state("prod"))).to.equal(false);
            unchanged();
        });

        it("--release pins another, and --yes brings the stack up for the reason given", async () => {
            const { code } = await promote("--release", commits[0], "--why", "asked for", "--yes");
            expect(code).to.equal(0);
            const { states } = project.snapshot();
            expect(states).to.include(`"${KEY}":"${commits[0]}"`).and.include('"reason":"asked for"');
        });

        it("refuses what staging did not validate, and changes nothing", async () => {
            project.stack("staging", [recordOf(commits[0])]);
            untouched = project.snapshot();
            const { code, stderr } = await promote("--release", commits[1]);
            expect(code).to.equal(1);
            expect(stderr).to.include("which staging has not validated");
            unchanged();
        });
    });

    for (const [what, message] of [
        ["a network", "dial tcp: lookup state.example.org: no such host (host not found)"],
        ["a plugin", "resource plugin docker not found"],
        ["a bucket", "NoSuchBucket: The specified bucket was not found"],
        ["another stack", "no stack named 'other' found"],
    ] as const) {
        it(`that meet an error of ${what} say it, and change nothing`, async () => {
            project.failing(message);
            const ended = await project.mains([
                { script: "rollback", args: ["--stack", "prod", "--list"] },
                { script: "promote", args: ["--from", "staging", "--to", "prod"] },
            ]);
            project.failing("");
            for (const { code, stderr } of ended) {
                expect(code).to.equal(1);
                expect(stderr)
                    .to.include(message)
                    .and.include("Nothing was changed")
                    .and.not.match(/^ +at /m);
            }
            unchanged();
        });
    }
});
