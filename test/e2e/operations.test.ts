import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { Client } from "../support/stack/client";
import { ageKey } from "../support/state/ageKey";
import { databasePasswords } from "../support/state/databaseLogin";
import { eventually, fails, succeeds } from "../support/expectations";
import { OtherProject, renameByTheGuide } from "../support/stack/otherProject";
import { prunedImages } from "../support/state/prunedImages";
import { prunedRuns } from "../support/state/prunedRuns";
import { refusedBackups } from "../support/state/refusedBackups";
import { rotation } from "../support/state/rotation";
import { scheduledBackup } from "../support/state/scheduledBackup";
import { userTests } from "../support/state/userTests";
import { sqliteBackup } from "../support/state/sqliteBackup";
import type { Config, TestStack } from "../support/stack/stack";
import { stub, STUB_MODEL } from "../support/stack/stub";
import { suiteStack } from "../support/stack/suite";
import { withOwnCache } from "../support/stack/ownCache";

const MINUTE = 60_000;
const ENCRYPTED_FILES = [
    ...["artifacts.tar.age", "database.dump.age", "manifest.hmac", "manifest.json", "state.json.age"],
];
const PLAIN_FILES = ENCRYPTED_FILES.map((it) => it.replace(/\.age$/, ""));
/** Far from today, so that the stack makes only the first backup, at once. */
const NEW_YEAR = "0 3 1 1 *";
const FILES = "cd /mlflow/artifacts && find . -type f -exec sha256sum {} + | sort -k2";

/**
 * One stack with PostgreSQL, brought up once, in a project with its own name. Beside it is another project's stack
 * with the same name. Each test begins where the one before ended. Mocha runs a suite's own tests before its nested
 * suites, so all tests are in nested suites.
 */
describe("operations", function () {
    this.timeout(5 * MINUTE);
    this.bail(true);
    let stack: TestStack;
    /** The same stack, for tests that look at the engine through a proxy. */
    let seen: TestStack;
    let other: OtherProject;
    let client: Client;
    let folder: string;
    /** The newest backup. */
    let backup: string;
    /** A key of age: the file with the identity, and the recipient. */
    let identity: string;
    let recipient: string;

    const configure = (config: Config = {}) =>
        stack.configure({
            environment: "staging",
            ...stub(),
            backup: { recipient, schedule: NEW_YEAR },
            ...config,
        });
    suiteStack(async (made) => {
        withOwnCache(made.project);
        seen = stack = made;
        folder = mkdtempSync(join(tmpdir(), "seismic-backups-"));
        identity = `${folder}.key`;
        recipient = await ageKey(identity);
        configure();
        other = await OtherProject.beside(stack);
    }, renameByTheGuide);
    after(async () => {
        [folder, identity].forEach((it) => rmSync(it, { recursive: true }));
        await other.remove();
    });

    const run = (name: string, ...args: string[]) => runAll(name, "--stack", stack.name, ...args);
    const runAll = (name: string, ...args: string[]) => seen.script(name, ...args);
    const restore = (...args: string[]) => run("restore", "--backup", backup, "--yes", ...args);
    const backUp = async () => {
        const former = readdirSync(folder);
        succeeds(await client.servesDuring(run("backup", "--out", folder)));
        const [name] = readdirSync(folder).filter((it) => !former.includes(it));
        expect(name).to.match(new RegExp(`^${stack.name}-\\d{4}-\\d\\d-\\d\\dT\\d{6}Z$`));
        return join(folder, name!);
    };
    const verify = () => run("verify", "--skip-training");
    const mlflow = async () => (await stack.engine.running("mlflow"))[0]!.Id;
    const inMlflow = async (text: string) => stack.engine.exec(await mlflow(), ["sh", "-ec", text]);
    const askMlflow = async (path: string, body: unknown, method = "POST") => {
        const headers = { "content-type": "application/json" };
        const url = `${client.outputs.mlflowUrl}/api/2.0/mlflow/${path}`;
        const answer = await client.request(url, { method, headers, body: JSON.stringify(body) });
        expect(answer.status, await answer.text()).to.equal(200);
    };

    describe("a backup", () => {
        it("is made while the stack is in use, whole, encrypted, and without a password", async () => {
            succeeds(await stack.up());
            client = await Client.of(stack);
            backup = await backUp();
            const manifest = JSON.parse(readFileSync(join(backup, "manifest.json"), "utf8")) as {
                versions: object;
                releases: object[];
            };
            expect(manifest).to.include({ stack: stack.name, environment: "staging", backend: "postgres" });
            expect(manifest.versions).to.have.keys("mlflow", "postgres");
            expect(manifest.releases[0]).to.include({ version: "1", sha256: client.outputs.model.sha256 });
            const secrets = [client.outputs.password, ...Object.values(await databasePasswords(stack))];
            expect(readdirSync(backup).sort()).to.deep.equal(ENCRYPTED_FILES);
            for (const file of readdirSync(backup)) {
                const text = readFileSync(join(backup, file), "latin1");
                expect(
                    secrets.filter((it) => text.includes(it)),
                    file,
                ).to.deep.equal([]);
            }
        });

        refusedBackups({
            keyOf: () => ({ identity, recipient }),
            ...{ backupOf: () => backup, run, mlflow },
        });
    });

    describe("a backup by the schedule", () => {
        scheduledBackup({
            stackOf: () => stack,
            to: () => folder,
            made: (scheduled) => (backup = scheduled),
        });
    });

    describe("a restore", () => {
        let files: string;
        before(async () => (files = await inMlflow(FILES)));

        it("of a scheduled one brings back a version and files that were lost, and what serves serves on", async () => {
            await askMlflow("model-versions/delete", { name: STUB_MODEL, version: "1" }, "DELETE");
            await inMlflow(
                "cd /mlflow/artifacts && rm -r */models && for file in $(find . -name report.json); do echo '{}' > $file; done",
            );
            expect(await inMlflow(FILES)).not.to.equal(files);
            fails(await verify(), "version 1 is not in the registry");
            succeeds(await client.servesDuring(restore("--identity", identity)));
            expect(await inMlflow(FILES)).to.equal(files);
            succeeds(await verify());
        });

        it("can be made from a backup that is not encrypted, too", async () => {
            configure({ backup: { schedule: NEW_YEAR } });
            backup = await backUp();
            configure();
            expect(readdirSync(backup).sort()).to.deep.equal(PLAIN_FILES);
            succeeds(await client.servesDuring(restore()));
            expect(await inMlflow(FILES)).to.equal(files);
        });

        it("and a rotation only look with --dry-run", async () => {
            const seenOf = async () => ({
                ...{ task: await mlflow(), files: await inMlflow(FILES) },
                ...{ left: (await stack.engine.left()).sort(), passwords: await databasePasswords(stack) },
            });
            const untouched = await seenOf();
            const shown = await run("restore", "--backup", backup, "--dry-run");
            succeeds(shown);
            expect(shown.output).to.match(
                /would get the registry of .*, version 1, served then\.[^]*: --yes/,
            );
            const rotation = await run("rotate", "--dry-run");
            succeeds(rotation);
            expect(rotation.output).to.match(
                /would be made in .*: gateway, services, database\. To make them: --yes/,
            );
            expect(await seenOf()).to.deep.equal(untouched);
        });

        it("refuses to lose what the backup does not hold, unless told to", async () => {
            await askMlflow("registered-models/create", { name: "Newer" });
            await inMlflow("echo new > /mlflow/artifacts/newer");
            fails(await restore(), "holds what the backup does not:", "model Newer", "--overwrite");
            expect(await inMlflow(FILES)).to.contain("./newer");
        });

        it("that was killed while MLflow was down is taken back by the next one, and then made", async () => {
            const args = ["--stack", stack.name, "--backup", backup];
            const killed = stack.startScript("restore", ...args, "--overwrite", "--yes");
            await eventually("MLflow's end", async () => (await stack.engine.running("mlflow")).length === 0);
            killed.kill();
            await killed.ended;
            const helpers = () => stack.engine.containers("restore");
            await eventually("the helper's end", async () => (await helpers()).length === 0);
            succeeds(await restore("--overwrite"));
            succeeds(await verify());
            expect(await inMlflow(FILES)).to.equal(files);
            expect(await inMlflow("ls -A /mlflow/artifacts")).not.to.contain(".restore");
        });

        it("has the next up serve the version of the backup, without training", async () => {
            succeeds(await client.servesDuring(stack.up()));
            expect((await client.refresh()).model.version).to.equal("1");
            expect(await stack.engine.containers("training")).to.deep.equal([]);
            succeeds(await stack.preview("--expect-no-changes"));
        });
    });

    describe("a rotation", () => {
        rotation({ stackOf: () => stack, clientOf: () => client, run, verify, configure });
    });

    userTests({ stackOf: () => stack, clientOf: () => client });

    describe("a registry on SQLite", () => {
        sqliteBackup(
            () => stack,
            () => client.outputs,
        );
    });

    describe("pruning", () => {
        prunedImages({
            ...{ stackOf: () => stack, imageOf: () => client.outputs.release.image, mlflow, run, runAll },
            look: (through) => (seen = through),
        });

        prunedRuns({ stackOf: () => stack, clientOf: () => client, inMlflow, askMlflow, configure });
    });

    describe("another project's stack of the same name", () => {
        it("was neither asked nor touched by all this", async () => {
            expect(await other.states()).to.deep.equal(["running", "running", "running"]);
        });
    });
});
