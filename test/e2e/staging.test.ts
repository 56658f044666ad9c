import { expect } from "chai";

import { benchUp } from "../support/bench/benches";
import { Client } from "../support/stack/client";
import { eventually, fails, succeeds } from "../support/expectations";
import type { Config, TestStack } from "../support/stack/stack";
import { mend, POOR, release, stub, STUB_FOLDER, STUB_MODEL } from "../support/stack/stub";
import { suiteStack } from "../support/stack/suite";

const MINUTE = 60_000;
const TRAIN = `${STUB_FOLDER}/stub/train.py`;

/** One stack, from nothing to nothing. Each test begins where the one before ended. */
describe("a staging stack", function () {
    this.timeout(10 * MINUTE);
    this.bail(true);
    let stack: TestStack;
    let client: Client;

    const configure = (config: Config = {}) =>
        stack.configure({ environment: "staging", sourceMount: true, ...stub(), ...config });
    suiteStack((made) => {
        stack = made;
        configure();
    });

    it("refuses a release that does not exist, before anything is made", async () => {
        configure({ release: "v9" });
        fails(await stack.preview(), "release: got v9; this clone has no such tag, branch or commit");
        expect(await stack.engine.left()).to.deep.equal([]);
        configure();
    });

    it("trains, registers and serves what is committed", async () => {
        stack.project.edit(TRAIN, "raise SystemExit('not committed')\n");
        await benchUp(stack);
        client = await Client.of(stack);
        expect(client.outputs.release).to.include({
            ref: "HEAD",
            dirty: false,
            commit: stack.project.head(),
        });
        await client.servesOn();
        succeeds(await stack.preview("--expect-no-changes"));
    });

    it("keeps the database's password out of the state and of what the engine shows", async () => {
        const [postgres] = await stack.engine.running("postgres");
        const password = await stack.engine.exec(postgres!.Id, ["cat", "/run/secrets/password"]);
        expect(password).to.match(/^\w{32}$/);
        const { output } = await stack.pulumi("stack", "export", "--stack", stack.name);
        expect(output).not.to.include(password);
        for (const role of ["postgres", "mlflow"]) {
            const inspected: unknown = await stack.engine.docker
                .getService(stack.engine.physical(role))
                .inspect();
            expect(JSON.stringify(inspected)).not.to.include(password);
        }
    });

    it("gives no client of the database a superuser", async () => {
        const [postgres] = await stack.engine.running("postgres");
        const query =
            "SELECT DISTINCT usename, usesuper FROM pg_stat_activity JOIN pg_user USING (usesysid, usename)";
        const psql = [
            "psql",
            "--username=postgres",
            "--host=/var/run/postgresql",
            "--tuples-only",
            "--no-align",
        ];
        const users = await stack.engine.exec(postgres!.Id, [...psql, `--command=${query}`, "postgres"]);
        expect(
            users
                .trim()
                .split("\n")
                .filter((it) => !it.startsWith("postgres|")),
        ).to.include("mlflow|f");
        expect(users).not.to.match(/^(?!postgres).*\|t$/m);
    });

    it("takes a commit that leaves the trainer as it was for no change of it", async () => {
        stack.project.restore(TRAIN);
        stack.project.write("NOTES.md", "nothing to train for");
        expect(await stack.changed()).to.deep.equal(["serving-service"]);
    });

    describe("a candidate that the gate refuses", () => {
        after(() => configure());

        it("fails up and says by how much; the champion serves on, and stands in the records alone", async () => {
            configure({ training: { run: "on-change", trials: 2, hyperparameters: POOR } });
            fails(
                await client.servesDuring(stack.up()),
                `the gate refused ${STUB_MODEL} version 2 (challenger in MLflow); version 1 serves on`,
                /macro F1 0\.\d+ is 0\.\d+ below the 0\.\d+ of the champion \(version 1\); at most 0\.020 is allowed/,
                /macro F1 0\.\d+ is below the floor 0\.700/,
            );
            expect((await client.refresh()).releases.map(({ version }) => version)).to.deep.equal(["1"]);
            await client.servesOn();
        });

        it("stays registered as the challenger, with the reasons", async () => {
            const url = `${client.outputs.mlflowUrl}/api/2.0/mlflow/registered-models/alias?name=${STUB_MODEL}&alias=challenger`;
            const { model_version: challenger } = (await (await client.request(url)).json()) as {
                model_version: { version: string; tags: { key: string; value: string }[] };
            };
            expect(challenger.version).to.equal("2");
            const tags = Object.fromEntries(challenger.tags.map(({ key, value }) => [key, value]));
            expect(tags).to.include({ gate: "refused" });
            expect(tags.gate_reasons).to.match(/macro F1/);
        });

        it("is refused again without training again, and allowed when the bounds allow it", async () => {
            fails(await stack.up(), `the gate refused ${STUB_MODEL} version 2`);
            expect(await stack.changed()).not.to.include(stack.engine.physical("training"));
        });
    });

    describe("a release whose serving", () => {
        afterEach(() => client.servesOn());

        it("answers something else than the model fails the smoke test, and what served before serves again", async () => {
            release(stack.project, { servingAnswers: "wrong" });
            const ended = await client.servesDuring(stack.up());
            mend(stack.project);
            fails(
                ended,
                "failed the smoke test through the gateway; what served before serves again",
                /\/predict: class: got "\w+"; expected "\w+"/,
            );
            await client.refresh();
        });

        it("never gets healthy fails up, and the old one answers all along", async () => {
            release(stack.project, { servingIsReady: false });
            const ended = await client.servesDuring(stack.up());
            mend(stack.project);
            fails(ended, "the engine went back to the version before", /its health check failed: .*503/);
        });

        it("is mended comes up", async () => {
            succeeds(await client.servesDuring(stack.up()));
            await client.refresh();
        });
    });

    describe("two at once", () => {
        it("have the second up refused, which says who holds the lock since when; Ctrl-C ends the first in order", async () => {
            configure({ logLevel: "WARNING" });
            const first = stack.startUp();
            await eventually(
                "the update",
                async () => (await stack.engine.updateState("serving")) === "updating",
            );
            fails(await stack.up(), /locked by 1 lock/, /created by \S+@\S+ \(pid \d+\) at \d{4}-/);
            first.kill("SIGINT");
            const ended = await client.servesDuring(first.ended);
            expect(ended.code, ended.output).not.to.equal(0);
            succeeds(await client.servesDuring(stack.up()));
            await client.servesOn();
        });
    });

    describe("MLflow's database", () => {
        it("that is down at start fails up at once, says what to do, and what serves serves on", async () => {
            await stack.engine.scale("postgres", 0);
            configure({ logLevel: "ERROR" });
            fails(
                await client.servesDuring(stack.up()),
                "the engine keeps 0 replicas, this stack declares 1; somebody scaled the service by hand",
                "pulumi up --refresh",
            );
            succeeds(await client.servesDuring(stack.up("--refresh")));
            expect((await client.refresh()).model).to.include({ version: "1" });
        });

        it("and MLflow may be away when serving's tasks start anew", async () => {
            const { version, sha256 } = client.outputs.model;
            for (const role of ["mlflow", "postgres"]) {
                await stack.engine.scale(role, 0);
                await eventually(`the end of ${role}`, async () => {
                    return (await stack.engine.running(role)).length === 0;
                });
            }
            const [old] = await stack.engine.running("serving");
            await stack.engine.docker.getContainer(old!.Id).kill();
            await eventually("another task", async () => {
                const [task] = await stack.engine.running("serving");
                return task !== undefined && task.Id !== old!.Id;
            });
            await eventually("its answers", async () => (await client.sample()).ok);
            expect(await client.predict()).to.include({ version });
            const told: unknown = await (await client.request(`${client.outputs.apiUrl}/version`)).json();
            expect(told).to.include({ model_version: version, model_sha256: sha256 });
            // The provider finds the services in their declared form.
            succeeds(await client.servesDuring(stack.up("--refresh")));
            expect((await client.refresh()).model).to.include({ version: "1" });
        });

        it("has lost nothing when it was killed", async () => {
            const [postgres] = await stack.engine.running("postgres");
            await stack.engine.docker.getContainer(postgres!.Id).kill();
            configure();
            succeeds(await client.servesDuring(stack.up()));
            expect((await client.refresh()).model).to.include({ version: "1" });
        });

        it("finds its runs and versions again when the stack was destroyed, with a new password", async () => {
            succeeds(await stack.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack.name));
            succeeds(await stack.up());
            expect((await client.refresh()).model).to.include({ version: "1" });
            await client.servesOn();
        });
    });

    describe("the deploy script", () => {
        const deploy = (...args: string[]) => stack.script("deploy", "--stack", stack.name, ...args);

        it("shows what would change, and changes nothing", async () => {
            configure({ logLevel: "DEBUG" });
            const shown = await deploy("--dry-run");
            succeeds(shown);
            expect(shown.output).to.match(/serving-service update/);
            expect(await stack.changed()).to.include("serving-service");
        });

        it("keeps the model with --skip-training, for that run only", async () => {
            configure({ training: { run: "always", trials: 2 } });
            succeeds(await deploy("--skip-training", "--yes"));
            expect(await stack.engine.containers("training")).to.deep.equal([]);
            expect(stack.project.read(stack.file)).to.include("run: always").and.not.include("never");
            await client.servesOn();
        });

        it("exits with an error when something is wrong, and says what", async () => {
            fails(await deploy("--from", "nowhere", "--yes"), "There is no stack nowhere");
            fails(await deploy("--skip"), "Unknown option '--skip'", "npm run mlops -- deploy --stack STACK");
            configure({ release: "v9" });
            fails(await deploy("--yes"), "release: got v9; this clone has no such tag, branch or commit");
        });
    });
});
