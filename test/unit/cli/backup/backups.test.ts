import { execFileSync } from "node:child_process";
import {
    appendFileSync,
    mkdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { expect } from "chai";

import { checkCompatible, compareVersions } from "../../../../cli/backup/compatibility";
import { writeFile } from "../../../../cli/backup/files";
import {
    backupName,
    checkFiles,
    MANIFEST,
    type Manifest,
    manifestOf,
    PARTS,
    readBackup,
} from "../../../../cli/backup/manifest";
import { missingFrom } from "../../../../cli/backup/registryDatabase";
import { sizeText } from "../../../../cli/terminal/sizes";
import { temporaryFolder } from "../../../support/temporaryFolder";

const rejection = (work: Promise<unknown>) =>
    work.then(
        () => "nothing",
        (error: Error) => error.message,
    );

describe("backups", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    /** Writes a backup. Each file holds its own name. */
    const write = async (): Promise<Manifest> => {
        const [state, database, artifacts] = await Promise.all(
            PARTS.map((part) =>
                writeFile(
                    { folder, part, recipients: [] },
                    (output) => pipeline(Readable.from([part]), output),
                    () => undefined,
                ),
            ),
        );
        const manifest = manifestOf({
            ...{
                project: "seismic",
                stack: "prod",
                environment: "prod",
                at: "2026-01-31T16:34:00.000Z",
                model: "Model",
            },
            ...{
                backend: "postgres",
                versions: { mlflow: "3.17.2", postgres: "17.6" },
                releases: [],
                recipients: [],
            },
            files: [state!, database!, artifacts!],
        });
        writeFileSync(join(folder, MANIFEST), JSON.stringify(manifest));
        return manifest;
    };

    it("are named after their stack and time, without what a file system minds", () => {
        expect(backupName("prod", new Date("2026-01-31T16:34:00.123Z"))).to.equal("prod-2026-01-31T163400Z");
    });

    it("are read back as they were written, with sizes and hashes", async () => {
        const manifest = await write();
        expect(readBackup(folder).manifest).to.deep.equal(manifest);
        expect(manifest.files[0]).to.deep.equal({
            name: "state.json",
            bytes: 10,
            // printf state.json | sha256sum
            sha256: "d5f808a21e99d4c15beb19a5b6a1d445f21e3e704fe633884bb829ee6769424b",
        });
        await checkFiles(folder, manifest);
    });

    const DAMAGES: readonly [what: string, damage: (path: string) => void, says: RegExp][] = [
        ["longer", (path) => appendFileSync(path, "!"), /got 14 bytes; the manifest says 13/],
        ["cut off", (path) => truncateSync(path, 12), /got 12 bytes; the manifest says 13/],
        ["empty", (path) => truncateSync(path), /got 0 bytes; the manifest says 13/],
        ["changed", (path) => writeFileSync(path, "database.dumq"), /got sha256 \w+; the manifest says \w+/],
        ["missing", (path) => rmSync(path), /missing/],
        ["a folder", (path) => (rmSync(path), mkdirSync(path)), /got a folder; the manifest says 13 bytes/],
        [
            "a pipe",
            (path) => (rmSync(path), execFileSync("mkfifo", [path])),
            /got no regular file; the manifest says 13 bytes/,
        ],
        ["a link to nothing", (path) => (rmSync(path), symlinkSync("gone", path)), /missing/],
        ["a link to itself", (path) => (rmSync(path), symlinkSync(path, path)), /cannot be read \(ELOOP/],
    ];
    for (const [what, damage, says] of DAMAGES) {
        it(`are refused when a file is ${what}`, async () => {
            const manifest = await write();
            const path = join(folder, "database.dump");
            damage(path);
            const advice = "The backup is damaged: take another one. Nothing was changed.";
            expect(await rejection(checkFiles(folder, manifest))).to.match(
                new RegExp(`^${path}: ${says.source}.*\\. ${advice}$`),
            );
        });
    }

    it("are refused without a manifest", () => {
        for (const other of [folder, join(folder, "gone")]) {
            expect(() => readBackup(other)).to.throw(
                `--backup: got ${other}, which has no ${MANIFEST}; choose the folder of a backup. Nothing was changed.`,
            );
        }
    });

    it("are refused by the name of a file in them", async () => {
        await write();
        expect(() => readBackup(join(folder, "state.json"))).to.throw(
            /^--backup: got \S+\/state\.json, which has no manifest\.json; choose the folder of a backup/,
        );
    });

    for (const [what, spoil, code] of [
        ["a folder", (path: string) => mkdirSync(path), "EISDIR"],
        ["a link to itself", (path: string) => symlinkSync(path, path), "ELOOP"],
    ] as const) {
        it(`are refused when their manifest is ${what}`, () => {
            const path = join(folder, MANIFEST);
            spoil(path);
            expect(() => readBackup(folder)).to.throw(
                new RegExp(
                    `^${path}: cannot be read \\(${code}.*\\); choose another backup. Nothing was changed.$`,
                ),
            );
        });
    }

    const FORMS: readonly [what: string, change: (text: string) => string, says: RegExp][] = [
        ["is empty", () => "", /It is not JSON\.$/],
        ["is cut off", (text) => text.slice(0, -1), /It is not JSON\.$/],
        [
            "is of another form",
            (text) => text.replace('"format":2', '"format":3'),
            /expected one of 1\|2\n.*at format$/,
        ],
        ["names no stack", (text) => text.replace('"stack":"prod",', ""), /at stack$/],
        ["names a file elsewhere", (text) => text.replace("state.json", "../x"), /at files\[0\]\.name$/],
        [
            "names a file twice",
            (text) => text.replace("database.dump", "state.json"),
            /needs state\.json, database\.dump, artifacts\.tar, in this order, each encrypted if there are recipients\n.*at files$/,
        ],
        ["names too few files", (text) => text.replace(/,\{"name":"artifacts.*\}/, "]}"), /at files$/],
        [
            "says that a file is empty",
            (text) => text.replace('"bytes":10', '"bytes":0'),
            /at files\[0\]\.bytes$/,
        ],
        ["says no hash", (text) => text.replace(/"sha256":"\w/, '"sha256":"'), /at files\[0\]\.sha256$/],
    ];
    for (const [what, change, says] of FORMS) {
        it(`are refused when their manifest ${what}`, async () => {
            await write();
            const path = join(folder, MANIFEST);
            const text = readFileSync(path, "utf8");
            expect(change(text)).not.to.equal(text);
            writeFileSync(path, change(text));
            expect(() => readBackup(folder))
                .to.throw(
                    `${path}: not the manifest of a backup that this version restores; choose another backup. Nothing was changed.`,
                )
                .with.property("message")
                .that.matches(says);
        });
    }

    it("fail with what the source says, and not with what comes of it", async () => {
        const source = () => Promise.reject(new Error("pg_dump: exit code 1"));
        expect(
            await rejection(
                writeFile({ folder, part: "database.dump", recipients: [] }, source, () => undefined),
            ),
        ).to.equal("pg_dump: exit code 1");
    });

    it("fit a stack of their environment, backend and model, whose programs are not older", async () => {
        const manifest = await write();
        const target = {
            project: "seismic",
            environment: "prod",
            backend: "postgres",
            model: "Model",
        } as const;
        checkCompatible(manifest, target, { mlflow: "3.18.0", postgres: "17.2" });
        // A backup of before the manifest named its project.
        checkCompatible({ ...manifest, project: undefined }, { ...target, project: "churn" });
        expect(() =>
            checkCompatible(
                manifest,
                { project: "churn", environment: "dev", backend: "sqlite", model: "Other" },
                { mlflow: "3.9.0", postgres: "16.9" },
            ),
        ).to.throw(
            [
                "project: the backup is of seismic, the stack of churn; restore it to a stack of seismic",
                "environment: the backup is of prod, the stack of dev; restore it to a stack of prod",
                "mlflow.backend: the backup is of postgres, the stack of sqlite; restore it to a stack of postgres",
                "model.name: the backup is of Model, the stack of Other; restore it to a stack of Model",
                "MLflow: the backup is of 3.17.2, the stack runs 3.9.0; bring the stack up with a newer one",
                "PostgreSQL: the backup is of 17, the stack runs 16; bring the stack up with a newer one",
                "Nothing was changed.",
            ].join("\n"),
        );
        expect(compareVersions("3.9", "3.10.1")).to.be.lessThan(0);
        expect(compareVersions("3.10", "3.10.0")).to.equal(0);
    });

    it("tell what a registry holds beyond them", () => {
        expect(missingFrom(["a", "b"], ["c", "b", "0"])).to.deep.equal(["0", "c"]);
    });

    it("tell sizes as the engine does", () => {
        expect([0, 999, 1000, 4_049_000_000, 1e18].map(sizeText)).to.deep.equal([
            "0 B",
            "999 B",
            "1.0 kB",
            "4.0 GB",
            "1000000.0 TB",
        ]);
    });
});
