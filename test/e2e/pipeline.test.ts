import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { CHECKOUT } from "../../cli/local/paths";
import { Client } from "../support/stack/client";
import { GitHub } from "../support/github/github";
import { Pipeline } from "../support/github/pipeline";
import { stub, STUB_FOLDER, STUB_IMAGE } from "../support/stack/stub";

const MINUTE = 60_000;
const WORKFLOWS = join(CHECKOUT, ".github", "workflows");
const MODEL = `${STUB_FOLDER}/stub/train.py`;

/** One repository from its first pull request to a rollback. Each test begins where the one before ended. */
describe("the workflows", function () {
    this.timeout(15 * MINUTE);
    this.bail(true);
    const github = new GitHub();
    let pipeline: Pipeline;
    const commits: string[] = [];

    before(async () => {
        await github.start();
        pipeline = await Pipeline.create(github);
        pipeline.staging.configure({ environment: "staging", ...stub() });
        pipeline.configureProd(stub());
    });
    after(async () => {
        github.stop();
        await pipeline.remove();
        expect(github.unknown).to.deep.equal([]);
    });

    it("review a pull request when nothing is deployed yet", async () => {
        const [preview] = await pipeline.pull();
        expect(preview!.ok, preview!.output).to.equal(true);
        expect(github.comments.map(({ body }) => body)).to.deep.equal([preview!.summary]);
        expect(preview!.summary.match(/There is no such stack yet/g)).to.have.length(1);
    });

    it("bring staging up from main, and verify it", async () => {
        const [staging, ...others] = await pipeline.push("main");
        commits.push(pipeline.project.head());
        expect(staging!.ok, staging!.output).to.equal(true);
        expect(others).to.deep.equal([]);
        expect(staging!.output)
            .to.include("All is as the stack says.")
            .and.match(/ok +trained again/);
        await (await Client.of(pipeline.staging)).answersAsTrained();
    });

    it("change the comment instead of writing another, and warn of what would be lost", async () => {
        const text = pipeline.project.read("components/service/durableVolume.ts");
        pipeline.project.write(
            "components/service/durableVolume.ts",
            text.replace("        name,\n", "        `${name}-renamed`,\n"),
        );
        const [preview] = await pipeline.pull();
        pipeline.project.restore("components/service/durableVolume.ts");
        expect(github.comments).to.have.length(1);
        const { body } = github.comments[0]!;
        expect(preview!.ok, preview!.output).to.equal(true);
        expect(body, body)
            .to.match(
                /> \[!WARNING\]\n(> - .*\n)*> - survey-volume would be deleted: the stack would begin with an empty one/,
            )
            .and.match(/Last gate: version 1, .*macroF1 \d\.\d{4}, at least 0\.7/)
            .and.match(/Release: `[0-9a-f]{12} \(HEAD\)`, now `[0-9a-f]{12} \(HEAD\)`/)
            .and.match(/<summary>\d+ commits? comes? in/);
    });

    it("refuse production before a release is pinned, and say how", async () => {
        const [check, ...others] = await pipeline.push("release/1");
        expect(check!.ok).to.equal(false);
        expect(check!.output).to.include("release: got nothing; prod pins a git tag or commit");
        expect(others, "nobody is asked to approve").to.deep.equal([]);
    });

    it("refuse production another trainer of the commit that staging validated", async () => {
        const { trainer: _, ...others } = stub();
        pipeline.configureProd({ ...others, release: commits[0]! });
        const [check] = await pipeline.push("release/1");
        pipeline.configureProd(stub());
        const says = `trainer.path: it makes the image seismic-mlops/trainer; what was validated of ${commits[0]!.slice(0, 12)} is ${STUB_IMAGE}`;
        expect(check!.ok).to.equal(false);
        expect(check!.output).to.include(says);
    });

    it("bring production up to what staging validated", async () => {
        const shown = await pipeline.promote();
        expect(shown!.summary, "a pull request's code does not reach it").not.to.include(pipeline.prod.name);
        const [check, production] = await pipeline.push("release/1");
        expect(check!.ok, check!.output).to.equal(true);
        expect(check!.summary).to.include(`Release: \`${commits[0]!.slice(0, 12)}\`, nothing serves yet.`);
        expect(production!.ok, production!.output).to.equal(true);
        const client = await Client.of(pipeline.prod);
        expect(client.outputs.release.commit).to.equal(commits[0]);
        expect(client.outputs.releases[0]).to.include({ by: "ann", version: "1" });
        await client.answersAsTrained();
    });

    it("refuse production a commit that staging has not validated", async () => {
        const text = pipeline.project.read(MODEL);
        pipeline.pin(pipeline.project.write(MODEL, `${text}\n# another release\n`));
        const [check, ...others] = await pipeline.push("release/2");
        expect(check!.ok).to.equal(false);
        expect(check!.output).to.include(`was not validated in ${pipeline.staging.name}`);
        expect(others).to.deep.equal([]);
        pipeline.pin(commits[0]!);
    });

    it("bring a second release to staging, then to production", async () => {
        const [staging] = await pipeline.push("main");
        commits.push(pipeline.project.head());
        expect(staging!.ok, staging!.output).to.equal(true);
        await pipeline.promote();
        const client = await Client.of(pipeline.prod);
        const [, production] = await client.servesDuring(pipeline.push("release/2"));
        expect(production!.ok, production!.output).to.equal(true);
        const { releases } = await client.refresh();
        expect(releases.map(({ commit }) => commit)).to.deep.equal([commits[1], commits[0]]);
    });

    it("list the releases, and go back only when one is named", async () => {
        const [list, ...others] = await pipeline.dispatch("rollback", {
            stack: "production",
            to: "",
            why: "",
        });
        expect(list!.ok, list!.output).to.equal(true);
        expect(list!.summary)
            .to.include(commits[0]!.slice(0, 12))
            .and.match(/\* .* version|\* +2026/);
        expect(others).to.deep.equal([]);
    });

    it("go back, and propose to git what runs since", async () => {
        const inputs = { stack: "production", to: commits[0]!, why: "answers were late" };
        const [, rollback] = await pipeline.dispatch("rollback", inputs);
        expect(rollback!.ok, rollback!.output).to.equal(true);
        const client = await Client.of(pipeline.prod);
        expect(client.outputs.release.commit).to.equal(commits[0]);
        expect(client.outputs.releases[0]).to.include({ why: "answers were late" });
        expect(github.pulls).to.deep.equal([
            { head: `stack/${pipeline.prod.name}-4711`, base: "main", title: "answers were late" },
        ]);
    });

    it("tell at night that git does not say what runs in production, and have nothing to say of staging", async () => {
        // A push deploys everything that has come to main since, for example production's pins.
        await pipeline.push("main");
        const [staging, prod] = await pipeline.dispatch("drift", {});
        expect(staging!.ok, staging!.output).to.equal(true);
        expect(prod!.ok, prod!.output).to.equal(false);
        expect(prod!.output).to.match(/differs? from the configuration:(\n.*)*\n +update +serving/);
    });

    it("show no secret in any log, summary or comment", async () => {
        const shown = [...pipeline.shown(), ...github.comments.map(({ body }) => body)].join("\n");
        expect(shown.length).to.be.above(10_000);
        for (const [name, secret] of Object.entries(await pipeline.hidden())) {
            expect(shown.includes(secret), name).to.equal(false);
        }
    });

    it("have no step that was not run", () => {
        // These tests run the steps of two. The scan asks databases of vulnerabilities, which not every machine can
        // reach.
        const others = ["ci.yml", "nightly.yml", "scan.yml"];
        const files = readdirSync(WORKFLOWS).filter((name) => !others.includes(name));
        const steps = files.flatMap((name) => {
            const { jobs } = parse(readFileSync(join(WORKFLOWS, name), "utf8")) as {
                jobs: Record<string, { steps: { run?: string }[] }>;
            };
            return Object.values(jobs).flatMap((job) => job.steps.flatMap(({ run }) => run ?? []));
        });
        expect(steps).to.have.length.above(10);
        expect(pipeline.ran()).to.include.members(steps);
    });

    it("deploy staging through ssh", () => {
        expect(pipeline.ssh.connections).to.be.above(10);
    });
});
