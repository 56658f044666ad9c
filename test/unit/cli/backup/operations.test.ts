import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { expect } from "chai";

import { checkCompatible, compareVersions } from "../../../../cli/backup/compatibility";
import { writeFile } from "../../../../cli/backup/files";
import { interruptible } from "../../../../cli/terminal/interruption";
import {
    backupName,
    checkFiles,
    FILES,
    MANIFEST,
    type Manifest,
    manifestOf,
    readManifest,
} from "../../../../cli/backup/manifest";
import { missingFrom } from "../../../../cli/backup/registryDatabase";
import {
    PASSWORD_TYPE,
    passwordsToRotate,
    pendingOf,
    urnsOf,
    wrongStatuses,
} from "../../../../cli/upkeep/rotating";
import { sizeText } from "../../../../cli/terminal/sizes";
import { committedTexts } from "../../../support/stackFiles";
import { declaredBy } from "../../../support/program";
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
            FILES.map((name) =>
                writeFile(
                    folder,
                    name,
                    (output) => pipeline(Readable.from([name]), output),
                    () => undefined,
                ),
            ),
        );
        const manifest = manifestOf({
            ...{ stack: "prod", environment: "prod", at: "2026-01-31T16:34:00.000Z", model: "Model" },
            ...{ backend: "postgres", versions: { mlflow: "3.17.2", postgres: "17.6" }, releases: [] },
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
        expect(readManifest(folder)).to.deep.equal(manifest);
        expect(manifest.files[0]).to.deep.equal({
            name: "state.json",
            bytes: 10,
            // printf state.json | sha256sum
            sha256: "d5f808a21e99d4c15beb19a5b6a1d445f21e3e704fe633884bb829ee6769424b",
        });
        await checkFiles(folder, manifest);
    });

    for (const [what, damage, says] of [
        ["longer", (path: string) => appendFileSync(path, "!"), /database\.dump: got 14 bytes; .* says 13/],
        ["changed", (path: string) => writeFileSync(path, "database.dumq"), /database\.dump: got sha256 /],
        ["gone", (path: string) => rmSync(path), /database\.dump: missing/],
    ] as const) {
        it(`are refused when a file is ${what}`, async () => {
            const manifest = await write();
            damage(join(folder, "database.dump"));
            expect(await rejection(checkFiles(folder, manifest)))
                .to.match(says)
                .and.contain("Nothing was changed");
        });
    }

    it("are refused without a manifest, or with one of another form", async () => {
        expect(() => readManifest(folder)).to.throw(/has no manifest\.json; choose the folder of a backup/);
        await write();
        const path = join(folder, MANIFEST);
        const text = readFileSync(path, "utf8");
        for (const other of [
            "{",
            text.replace('"format":1', '"format":2'),
            text.replace("state.json", "../x"),
        ]) {
            writeFileSync(path, other);
            expect(() => readManifest(folder), other).to.throw(
                /not the manifest of a backup that this version/,
            );
        }
    });

    it("fail with what the source says, and not with what comes of it", async () => {
        const source = () => Promise.reject(new Error("pg_dump: exit code 1"));
        expect(await rejection(writeFile(folder, "database.dump", source, () => undefined))).to.equal(
            "pg_dump: exit code 1",
        );
    });

    it("fit a stack of their environment, backend and model, whose programs are not older", async () => {
        const manifest = await write();
        const target = { environment: "prod", backend: "postgres", model: "Model" } as const;
        checkCompatible(manifest, target, { mlflow: "3.18.0", postgres: "17.2" });
        expect(() =>
            checkCompatible(
                manifest,
                { environment: "dev", backend: "sqlite", model: "Other" },
                { mlflow: "3.9.0", postgres: "16.9" },
            ),
        ).to.throw(
            [
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

describe("what is interrupted", () => {
    it("ends its work in order, with the exit code of an interruption", async () => {
        let undone = false;
        const code = await interruptible("(a test interrupts itself)", (signal) => {
            // npm also passes on the signal that its child already got from the terminal.
            process.emit("SIGINT");
            process.emit("SIGINT");
            undone = signal.aborted;
            return Promise.reject(signal.reason as Error);
        });
        expect([code, undone, process.listenerCount("SIGTERM")]).to.deep.equal([130, true, 0]);
    });

    it("says what went wrong when that was something else", async () => {
        const failing = interruptible("", () => Promise.reject(new Error("no room")));
        expect(await rejection(failing)).to.equal("no room");
    });
});

describe("a rotation of passwords", () => {
    it("is of both, of the one that is asked for, or of the one there is", () => {
        expect(passwordsToRotate(undefined, true)).to.deep.equal(["gateway", "database"]);
        expect(passwordsToRotate(undefined, false)).to.deep.equal(["gateway"]);
        expect(passwordsToRotate("database", true)).to.deep.equal(["database"]);
        expect(() => passwordsToRotate("database", false)).to.throw(/in SQLite, which has no password/);
        expect(() => passwordsToRotate("mlflow", true)).to.throw(
            "--only: got mlflow; choose gateway or database.",
        );
    });

    it("finds them in the state by type and name", () => {
        const type = "random:index/randomPassword:RandomPassword";
        const of = (name: string) => ({ type, urn: `urn:pulumi:prod::p::${type}::${name}` });
        const all = ["database-monitor-password", "database-password", "gateway-password"].map(of);
        const state = { deployment: { resources: all } };
        expect(urnsOf("prod", state, ["gateway"])).to.deep.equal([of("gateway-password").urn]);
        const empty = { deployment: { resources: [] } };
        expect(() => urnsOf("prod", empty, ["gateway"])).to.throw(
            /Stack prod: its state has no gateway-password/,
        );
    });

    it("renews every password that the program makes, so that a new one is forgotten nowhere", async () => {
        const declared = await declaredBy(committedTexts("Pulumi.staging.yaml"));
        const resources = declared
            .filter(({ type }) => type === PASSWORD_TYPE)
            .map(({ type, name }) => ({ type, urn: `urn:pulumi:staging::p::${type}::${name}` }));
        const renewed = urnsOf("staging", { deployment: { resources } }, passwordsToRotate(undefined, true));
        expect(renewed).to.have.members(resources.map(({ urn }) => urn));
    }).timeout("60s");

    it("is refused for changes of anything else, but not for a training run that is not declared", () => {
        const event = (op: string, name: string, type = "t") =>
            ({
                resourcePreEvent: { metadata: { op, type, urn: `urn:pulumi:s::p::${type}::${name}` } },
            }) as EngineEvent;
        const run = "seismic:platform:TrainingRun$docker:index/container:Container";
        const events = [
            event("same", "network"),
            event("delete", "seismic-mlops-prod-training", run),
            event("replace", "seismic-mlops-prod-training", run),
            event("delete", "seismic-mlops-of-training"),
            event("update", "serving-service"),
            event("delete", "survey-writer"),
            {} as EngineEvent,
        ];
        expect(pendingOf(events)).to.deep.equal([
            "replace seismic-mlops-prod-training",
            "delete seismic-mlops-of-training",
            "update serving-service",
            "delete survey-writer",
        ]);
    });

    it("has come about when the new password counts, and the old one as it should", () => {
        expect(wrongStatuses(true, 401, 200)).to.equal(undefined);
        expect(wrongStatuses(false, 200, 200)).to.equal(undefined);
        for (const [rotated, withOld, withNew] of [
            [true, 200, 200],
            [true, 401, 401],
            [false, 401, 200],
            [true, 401, 503],
        ] as const) {
            expect(wrongStatuses(rotated, withOld, withNew)).to.match(/^the gateway answers/);
        }
    });
});
