import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { backUp } from "../../../cli/backup/backingUp";
import { ArtifactExchange } from "../../../cli/backup/artifacts";
import { BackupReader } from "../../../cli/backup/encryption";
import { withHelper } from "../../../cli/backup/helper";
import { checkFiles, MANIFEST, type Manifest, readBackup } from "../../../cli/backup/manifest";
import { restore } from "../../../cli/backup/restoring";
import { SqliteDatabase } from "../../../cli/backup/sqlite";
import { ageKey } from "./ageKey";
import type { Outputs } from "../stack/types";
import { SqliteRegistry } from "./sqliteRegistry";
import type { TestStack } from "../stack/stack";

const EMPTY = { deployment: { resources: [{ type: "pulumi:pulumi:Stack", urn: "urn:root" }] } };
/** Registers a model as MLflow does. */
const REGISTER = `
import sqlite3
connection = sqlite3.connect("/mlflow/db/mlflow.db")
connection.execute("INSERT INTO registered_models (name, workspace) VALUES (?, ?)", ("Since", "default"))
connection.commit()
`;
const ENCRYPTED = ["artifacts.tar.age", "database.dump.age", MANIFEST, "state.json.age"];
const FILES = "find . -type f -exec sha256sum {} + | sort -k2";

/** The tests of a registry on SQLite, with the images of a stack that is up. */
export function sqliteBackup(stackOf: () => TestStack, outputsOf: () => Outputs): void {
    const { signal } = new AbortController();
    let registry: SqliteRegistry;
    let folder: string;
    let identity: string;
    let recipient: string;
    let backup: string;
    let files: string;

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "seismic-sqlite-"));
        recipient = await ageKey((identity = join(folder, "key.txt")));
        registry = await SqliteRegistry.create(stackOf());
        await registry.ask("registered-models/create", { name: "Model" });
        await registry.shell("mkdir -p 1/run; echo kept > 1/run/kept; echo lost > '1/run/lost file'");
        files = await registry.shell(FILES);
    });
    after(async () => {
        await registry.remove();
        rmSync(folder, { recursive: true });
        expect(await registry.engine.left()).to.deep.equal([]);
    });

    const restored = async (overwrite: boolean) => {
        const { manifest } = readBackup(backup);
        await checkFiles(backup, manifest);
        const nothing = () => Promise.resolve();
        return restore({
            ...{ target: registry.target, backup: manifest, overwrite, signal },
            files: await BackupReader.of(backup, manifest, identity),
            // There is no stack and no state here.
            ...{ refuseWhileUpdated: nothing, remember: nothing },
        });
    };

    it("took over the database of an older MLflow at its start", async () => {
        expect(await registry.log()).to.contain("has the tables of an older MLflow");
        expect(await registry.shell("ls ../db")).to.match(/^mlflow\.db\.of-[0-9a-f]{12}$/m);
    });

    it("is refused by an older MLflow, which says what to do", async () => {
        const tables = [
            "CREATE TABLE alembic_version (version_num)",
            "INSERT INTO alembic_version VALUES (1)",
        ];
        const make = `import sqlite3; sqlite3.connect("/tmp/newer.db").executescript("${tables.join(";")}")`;
        const said = await registry.shell(
            `python -c '${make}'; with-schema sqlite:////tmp/newer.db echo served || echo "code $?"`,
        );
        expect(said.trim()).to.match(
            /tables of a newer MLflow \(version 1\)[^]*go back to a backup[^]*code 1$/,
        );
        expect(said).not.to.contain("served");
    });

    it("comes back", async () => {
        backup = await backUp({
            ...{ target: registry.target, state: EMPTY, to: folder, signal },
            ...{ recipients: [recipient], key: undefined },
        });
        expect(readdirSync(backup).sort()).to.deep.equal(ENCRYPTED);
        await registry.ask("registered-models/create", { name: "Newer" });
        await registry.shell("rm '1/run/lost file'; echo changed > 1/run/kept; echo new > 1/run/new");
        expect(await registry.models()).to.have.members(["Model", "Newer"]);
        await restored(true);
        expect(await registry.models()).to.deep.equal(["Model"]);
        expect(await registry.shell(FILES)).to.equal(files);
    });

    it("stays as it was when the restored one lacks what served", async () => {
        const [record] = outputsOf().releases;
        rewrite((it) => ({ ...it, releases: [record] as Manifest["releases"] }));
        await registry.ask("registered-models/create", { name: "Newer" });
        await registry.shell("rm '1/run/lost file'; echo changed > 1/run/kept; echo new > 1/run/new");
        const changed = await registry.shell(FILES);
        const error = await restored(true).catch((it: Error) => it.message);
        expect(error).to.match(/the backup's database lacks version 1 of Model, which served/);
        expect(await registry.models()).to.have.members(["Model", "Newer"]);
        expect(await registry.shell(FILES)).to.equal(changed);
        expect(await registry.shell("ls -A ../db .")).not.to.match(/\.restore|restored|before/);
    });

    it("keeps what has come to it since a restore was killed just before its end", async () => {
        const { target } = registry;
        const exchange = <T>(work: (database: SqliteDatabase, artifacts: ArtifactExchange) => Promise<T>) =>
            withHelper(target, (helper) =>
                work(new SqliteDatabase(target, helper), new ArtifactExchange(target, helper)),
            );
        await exchange(async (database, artifacts) => {
            const read = await BackupReader.of(backup, readBackup(backup).manifest, identity);
            await database.stage(read.open("database.dump"), signal);
            await artifacts.merge(read.open("artifacts.tar"), signal);
            await artifacts.noteContents(await database.staged());
            await database.swap();
        });
        await registry.shell(`python -c '${REGISTER}'`);
        const error = await restored(false).catch((it: Error) => it.message);
        expect(error).to.match(/holds what the backup does not:\n {2}model Since\n/);
        expect(await exchange((database) => database.used())).to.include("model Since");
    });

    function rewrite(change: (manifest: Manifest) => Manifest): void {
        const path = join(backup, MANIFEST);
        writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")) as Manifest)));
    }
}
