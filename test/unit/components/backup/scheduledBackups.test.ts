import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import { parseConfig } from "../../../../config/parse";
import type { ReleaseRecord } from "../../../../releases/records";
import { deployment, recorded, recordResources, value } from "../../../support/program/recording";
import { temporaryFolder } from "../../../support/temporaryFolder";

const AGE = "age15qwaawec3t5jtc74776fz0ydjl0kj0udruth9xpv5zg5kuxufqmqgkq4l5";

interface Container {
    user: string;
    commands: string[];
    mounts: { type: string; source: string; target: string; readOnly: boolean }[];
    secrets: { secretName: string; fileName: string; fileUid?: string }[];
}

describe("scheduled backups", () => {
    recordResources();

    const make = async (environment: string, backup: object = {}, releases: ReleaseRecord[] = []) => {
        recorded.length = 0;
        const { ScheduledBackups } = await import("../../../../components/backup/scheduledBackups");
        const { ModelRegistry } = await import("../../../../components/registry/modelRegistry");
        const schedule = "0 3 * * *";
        const config = parseConfig({ environment, backup: { schedule, ...backup } });
        const network = "net-id";
        const registry = new ModelRegistry("registry", {
            ...{ deployment, config: config.mlflow, network, hasReader: true },
        });
        const backups = new ScheduledBackups("backup", {
            ...{ deployment, config, network, registry },
            key: pulumi.secret("sealing"),
            releases: pulumi.output(releases),
        });
        await value(backups.urn);
        await value(backups.service.healthy);
        const services = recorded.filter(({ type }) => type === "docker:index/service:Service");
        const container = (role: string) => {
            const found = services.find(({ inputs }) => inputs.name === `${deployment.prefix}-${role}`);
            return (found!.inputs.taskSpec as { containerSpec: Container }).containerSpec;
        };
        return { backup: container("backup"), container, services };
    };
    const decoded = (type: string, name: string) => {
        const found = recorded.find((it) => it.type === type && it.name === `${deployment.prefix}-${name}`);
        // A secret's inputs are wrapped.
        const data = found!.inputs.data as string | { value: string };
        return Buffer.from(typeof data === "string" ? data : data.value, "base64").toString();
    };

    const factsIn = ({ commands }: Container) =>
        commands.find((it) => it.startsWith("BACKUP_FACTS="))!.replace("BACKUP_FACTS=", "");

    it("read SQLite's file and the artifacts without writing, and keep backups on a volume of their own", async () => {
        const { backup } = await make("dev");
        expect(backup.user).to.equal("10001:10001");
        expect(backup.mounts).to.deep.equal([
            { type: "volume", target: "/tmp" },
            { type: "volume", source: "seismic-mlops-dev-backup", target: "/backups", readOnly: false },
            {
                ...{ type: "volume", source: "seismic-mlops-dev-mlflow-artifacts" },
                ...{ target: "/mlflow/artifacts", readOnly: true },
            },
            { type: "volume", source: "seismic-mlops-dev-mlflow-db", target: "/mlflow/db", readOnly: true },
        ]);
        expect(backup.commands).to.include.members([
            ...["SQLITE_FILE=/mlflow/db/mlflow.db", "BACKUP_SCHEDULE=0 3 * * *", "BACKUP_KEEP=30d"],
            ...["BACKUP_RECIPIENTS=", "REGISTRY_URI=http://mlflow:5000"],
        ]);
    });

    it("read PostgreSQL by a role that only reads, whose password is in files", async () => {
        const { backup, container, services } = await make("staging", {
            recipient: `${AGE}, ${AGE}`,
            keep: 14,
        });
        expect(backup.commands).to.include.members([
            ...["PGHOST=postgres", "PGUSER=backup", "PGDATABASE=mlflow", "PGPASSFILE=/run/secrets/pgpass"],
            ...["BACKUP_KEEP=14", `BACKUP_RECIPIENTS=${AGE},${AGE}`],
        ]);
        expect(backup.secrets.map(({ fileName, fileUid }) => [fileName, fileUid])).to.deep.equal([
            ["/run/secrets/backup-key", "10001"],
            ["/run/secrets/pgpass", "10001"],
        ]);
        expect(container("postgres").commands).to.include(
            "BACKUP_PASSWORD_FILE=/run/secrets/backup-password",
        );
        expect(JSON.stringify(services)).not.to.match(/s3cret|sealing/);
        const [line, key] = ["backup-passfile", "backup-key"].map((it) =>
            decoded("docker:index/secret:Secret", it),
        );
        expect(line).to.equal("postgres:5432:*:backup:s3cret");
        expect(key).to.equal("sealing");
    });

    it("know what a restore needs of the state", async () => {
        const { backup } = await make("staging");
        expect(JSON.parse(factsIn(backup))).to.deep.equal({
            ...{ project: "seismic-mlops", stack: "dev", environment: "dev", model: "SeismicClassifier" },
            ...{ backend: "postgres", releases: [] },
        });
    });

    it("stay as they are when Pulumi gives the same releases back with their keys in another order", async () => {
        const factsOf = async (release: object) => {
            return factsIn((await make("staging", {}, [release as ReleaseRecord])).backup);
        };
        const first = await factsOf({ version: "1", metrics: { macroF1: 1, accuracy: 0.5 } });
        expect(first).to.equal(await factsOf({ metrics: { accuracy: 0.5, macroF1: 1 }, version: "1" }));
        expect(first).not.to.equal(await factsOf({ version: "2", metrics: { macroF1: 1, accuracy: 0.5 } }));
    });

    it("go to a folder of the host where one is given, and no volume is made", async () => {
        const { backup } = await make("dev", { folder: "/srv/backups" });
        expect(backup.mounts).to.deep.include({
            ...{ type: "bind", source: "/srv/backups", target: "/backups", readOnly: false },
        });
        const volumes = recorded.filter(({ type }) => type === "docker:index/volume:Volume");
        expect(volumes.map(({ inputs }) => inputs.name)).not.to.include("seismic-mlops-dev-backup");
    });

    describe("in a folder of this machine", () => {
        let folder: string;
        temporaryFolder((made) => (folder = made));
        const refused = async (path: string, local = true) => {
            const { refuseUnwritable } = await import("../../../../components/backup/backupFolder");
            return () => refuseUnwritable(path, local);
        };
        const remedy = (path: string) =>
            `make it: sudo install -d -o 10001 -g 10001 -m 700 ${path}. Nothing was changed.`;

        it("are refused before anything is made when nobody could write them", async () => {
            const gone = join(folder, "gone");
            expect(await refused(gone)).to.throw(
                `backup.folder: got ${gone}; there is no such folder; ${remedy(gone)}`,
            );
            const file = join(folder, "file");
            writeFileSync(file, "");
            expect(await refused(file)).to.throw("there is no such folder");
            chmodSync(folder, 0o755);
            expect(await refused(folder)).to.throw(
                `backup.folder: got ${folder}; the service's user 10001 may not write to it; ${remedy(folder)}`,
            );
        });

        it("are taken when they can be written, and of another machine unseen", async () => {
            chmodSync(folder, 0o777);
            expect(await refused(folder)).not.to.throw();
            expect(await refused(join(folder, "gone"), false)).not.to.throw();
        });
    });
});
