import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

import { expect } from "chai";

import { eventually } from "../expectations";
import type { TestStack } from "../stack/stack";

export interface ScheduledBackupArgs {
    stackOf: () => TestStack;
    /** The folder of this machine that gets the backup. */
    to: () => string;
    /** Takes the path of the backup. */
    made: (backup: string) => void;
}

/** Tests of the backup that a stack makes by itself; it is copied to this machine. */
export function scheduledBackup({ stackOf, to, made }: ScheduledBackupArgs): void {
    /** The service's own access: an exec does not have the variables of its command. */
    const sql =
        "PGHOST=postgres PGUSER=backup PGDATABASE=mlflow PGPASSFILE=/run/secrets/pgpass psql --tuples-only --no-align";
    const inService = async (...command: string[]) => {
        const { engine } = stackOf();
        const [task] = await engine.running("backup");
        return engine.exec(task!.Id, command);
    };

    it("is made at once, is whole and encrypted, and is known to Prometheus", async () => {
        const { engine, name } = stackOf();
        const [found] = await eventually("a backup", async () => {
            const names = (await inService("ls", "-A", "/backups")).split("\n").filter((it) => it !== "");
            return names.some((it) => it.startsWith(name)) && names;
        });
        const [task] = await engine.running("backup");
        const archive = await engine.docker.getContainer(task!.Id).getArchive({ path: `/backups/${found}` });
        execFileSync("tar", ["--extract", "--directory", to()], { input: await buffer(archive) });
        const backup = join(to(), found!);
        expect(readdirSync(backup).sort()).to.deep.equal([
            ...["artifacts.tar.age", "database.dump.age", "manifest.hmac", "manifest.json"],
        ]);
        const metrics = await inService("curl", "-fsS", "http://127.0.0.1:8000/metrics");
        expect(metrics).to.match(/^backup_last_attempt_failed 0\.0$/m);
        expect(metrics).to.match(/^backup_kept 1\.0$/m);
        expect(metrics).to.match(/^backup_last_success_bytes [1-9]/m);
        made(backup);
    });

    it("reads the database and the artifacts, and can write to neither", async () => {
        const said = (text: string) => inService("sh", "-c", `${text} 2>&1`);
        expect(await said(`${sql} --command='SELECT count(*) FROM runs'`)).to.match(/^[1-9]\d*\n$/);
        expect(await said(`${sql} --command='DELETE FROM runs'`)).to.contain("permission denied");
        expect(await said("touch /mlflow/artifacts/x")).to.contain("Read-only file system");
        expect(await inService("id", "--user")).to.equal("10001\n");
    });
}
