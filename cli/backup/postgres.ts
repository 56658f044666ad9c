/**
 * MLflow's database in PostgreSQL. Every command uses the server's own socket, which asks for no password.
 */
import { Readable, type Writable } from "node:stream";
import { DATABASE_NAME, DATABASE_ROLE } from "../../components/registry/database";
import { execStream } from "../../engine/streams/execStream";
import { CONTENTS, inContainer, lines, succeeded, type RegistryDatabase } from "./registryDatabase";
import { containerOf, type Target } from "../stack/target";

const ACCESS = [`--username=${DATABASE_NAME}`, "--host=/var/run/postgresql"];
const OWN = ["--no-owner", "--no-privileges"];
/**
 * The databases beside the one in use: the database that a restore makes, and the old database, which it
 * keeps until the new one answers.
 */
const STAGED = `${DATABASE_NAME}_restored`;
const KEPT = `${DATABASE_NAME}_before`;
/** This database always exists, and MLflow does not use it. */
const MAINTENANCE = "postgres";

export class PostgresDatabase implements RegistryDatabase {
    constructor(private readonly target: Target) {}

    async version(): Promise<string> {
        // "17.6 (Debian 17.6-0+deb13u1)"
        return (await this.sql(MAINTENANCE, "SHOW server_version;")).split(/\s/, 1)[0]!;
    }

    async dump(output: Writable, signal: AbortSignal): Promise<void> {
        const command = ["pg_dump", ...ACCESS, ...OWN, "--format=custom", DATABASE_NAME];
        succeeded(
            command,
            await execStream(this.target.engine, await this.server(), command, { output, signal }),
        );
    }

    async stage(dump: Readable, signal: AbortSignal): Promise<void> {
        await this.sql(
            MAINTENANCE,
            `DROP DATABASE IF EXISTS ${STAGED} WITH (FORCE);\nCREATE DATABASE ${STAGED} TEMPLATE template0;`,
        );
        const command = [
            "pg_restore",
            ...ACCESS,
            ...OWN,
            "--exit-on-error",
            "--single-transaction",
            `--dbname=${STAGED}`,
        ];
        await inContainer(this.target, await this.server(), command, { input: dump, signal });
    }

    used(): Promise<string[]> {
        return this.contents(DATABASE_NAME);
    }

    staged(): Promise<string[]> {
        return this.contents(STAGED);
    }

    swap(): Promise<void> {
        return this.exchange(STAGED, KEPT);
    }

    async isSwapped(): Promise<boolean> {
        return (
            (await this.sql(MAINTENANCE, `SELECT datname FROM pg_database WHERE datname = '${KEPT}';`)) !== ""
        );
    }

    swapBack(): Promise<void> {
        return this.exchange(KEPT, STAGED);
    }

    async tidy(): Promise<void> {
        const drop = [KEPT, STAGED].map((name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE);`);
        await this.sql(MAINTENANCE, drop.join("\n"));
    }

    private async contents(database: string): Promise<string[]> {
        return lines(await this.sql(database, `${CONTENTS};`));
    }

    /**
     * Renames both databases in one transaction. A database in use cannot be renamed, so the transaction also
     * ends the connections of clients such as the exporter. The server's own workers have no user. They leave
     * by themselves, and only a superuser may end them.
     */
    private async exchange(from: string, to: string): Promise<void> {
        await this.sql(
            MAINTENANCE,
            [
                "BEGIN;",
                `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('${DATABASE_NAME}', '${from}') AND usename IS NOT NULL;`,
                `ALTER DATABASE ${DATABASE_NAME} RENAME TO ${to};`,
                `ALTER DATABASE ${from} RENAME TO ${DATABASE_NAME};`,
                "COMMIT;",
            ].join("\n"),
        );
    }

    private async sql(database: string, text: string): Promise<string> {
        const options = [
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
            `--dbname=${database}`,
        ];
        // psql runs each statement from standard input as its own transaction. Statements about whole
        // databases need that.
        const input = Readable.from([text]);
        return (
            await inContainer(this.target, await this.server(), ["psql", ...ACCESS, ...options], { input })
        ).trim();
    }

    private server(): Promise<string> {
        return containerOf(this.target, DATABASE_ROLE);
    }
}
