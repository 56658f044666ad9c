import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { parseConfig } from "../../../../config/parse";
import { deployment, only, recordResources, value } from "../../../support/program/recording";
import { temporaryFolder } from "../../../support/temporaryFolder";

const SECONDS_PER_DAY = 86_400;

describe("the registry's images", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));
    recordResources();

    /** A command on PATH that records its arguments, and then does `more`. */
    const stub = (name: string, more = "") => {
        const path = join(folder, name);
        writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> ${join(folder, "calls")}\n${more}\n`);
        chmodSync(path, 0o755);
    };
    const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    const PATH = () => `${folder}:${process.env.PATH}`;

    describe("PostgreSQL's start", () => {
        const start = (superuser: string) => {
            const volume = join(folder, "data");
            mkdirSync(volume);
            const env = { PATH: PATH(), PGDATA: volume, DATABASE: "mlflow", PASSWORD_FILE: "/nowhere" };
            stub("pg_ctl", `echo "limit \${PGCTLTIMEOUT:-60}" >> ${join(folder, "calls")}`);
            stub("psql", `grep -q "oid = 10" && echo ${superuser} || cat > /dev/null`);
            stub("postgres");
            return spawnSync("sh", ["images/postgres/start.sh"], { env, encoding: "utf8" });
        };

        it("waits for a recovery as long as it takes", () => {
            expect(start("postgres").status).to.equal(0);
            const limits = calls().flatMap((it) => /^limit (\d+)$/.exec(it)?.slice(1).map(Number) ?? []);
            expect(limits).to.have.length(2);
            expect(Math.min(...limits)).to.be.greaterThan(SECONDS_PER_DAY);
            expect(calls().at(-1)).to.equal("postgres -c listen_addresses=*");
        });

        it("takes the owner's privileges in a cluster where it is the superuser, and there only", () => {
            start("postgres");
            expect(calls().filter((it) => it.includes("--username=renamer"))).to.deep.equal([]);
            writeFileSync(join(folder, "calls"), "");
            spawnSync("rmdir", [join(folder, "data")]);
            start("mlflow");
            expect(calls().filter((it) => it.includes("--username=renamer"))).to.have.length(1);
        });
    });

    it("MLflow is well once it has read its database, and stays so while that is away", async () => {
        const { ModelRegistry } = await import("../../../../components/registry/modelRegistry");
        const config = parseConfig({ environment: "dev" }).mlflow;
        const registry = new ModelRegistry("registry", { deployment, config, network: "net-id" });
        await value(registry.trackingUri);
        const { taskSpec } = only("docker:index/service:Service") as {
            taskSpec: { containerSpec: { healthcheck: { tests: string[] } } };
        };
        const test = taskSpec.containerSpec.healthcheck.tests.at(-1)!.replaceAll("/tmp/", `${folder}/`);
        const isWell = (down: "/health" | "/api" | "nothing") => {
            stub("curl", `case "$*" in *5000${down}*) exit 22;; esac`);
            return spawnSync("sh", ["-c", test], { env: { PATH: PATH() } }).status === 0;
        };
        expect(isWell("/api"), "the database never answered").to.equal(false);
        expect(isWell("nothing")).to.equal(true);
        expect(isWell("/api"), "the database went away").to.equal(true);
        expect(isWell("/health"), "the server hangs").to.equal(false);
    });
});
