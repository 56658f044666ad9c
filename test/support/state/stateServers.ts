import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildImage } from "../../../cli/setup/imageBuild";
import { serve } from "../engine/container";
import type { TestEngine } from "../engine/engine";

/** The name of the bucket, of the database and of its owner. */
const NAME = "state";

/** A server that keeps a team's state. */
export interface StateServer {
    /** Pulumi's variables for it: PULUMI_BACKEND_URL, and the credentials in separate variables. */
    readonly variables: NodeJS.ProcessEnv;
    /** The secret part of the credentials. */
    readonly secret: string;
    /** The whole content, by its keys. */
    stored(): Promise<Map<string, string>>;
    remove(): Promise<void>;
}

/** An S3 server with a bucket. */
export async function startS3(engine: TestEngine): Promise<StateServer> {
    const image = "seismic-mlops/e2e-s3:local";
    await buildImage(engine.docker, { tag: image, context: "test/support/state/s3Server" }, () => undefined);
    const server = await serve(engine.docker, {
        name: engine.physical("s3"),
        image,
        port: 9000,
        probe: ["s3", "/"],
    });
    const s3 = (...args: string[]) => engine.exec(server.id, ["s3", ...args]);
    await s3(`/${NAME}`, "--request", "PUT");
    const secret = newSecret();
    return {
        variables: {
            AWS_ACCESS_KEY_ID: "pulumi",
            AWS_SECRET_ACCESS_KEY: secret,
            // Do not use the user's own profile: the client wants a profile that exists.
            AWS_PROFILE: undefined,
            PULUMI_BACKEND_URL: `s3://${NAME}?endpoint=http://${server.address}&region=us-east-1&s3ForcePathStyle=true`,
        },
        secret,
        async stored() {
            const keys = (await s3(`/${NAME}?list-type=2`)).matchAll(/<Key>([^<]+)<\/Key>/g);
            const objects = [...keys].map(async ([, key]) => [key!, await s3(`/${NAME}/${key}`)] as const);
            return new Map(await Promise.all(objects));
        },
        remove: () => server.remove(),
    };
}

/** A PostgreSQL server with a database, from the image of MLflow's database. */
export async function startPostgres(engine: TestEngine): Promise<StateServer> {
    const image = "seismic-mlops/e2e-postgres:local";
    await buildImage(engine.docker, { tag: image, context: "images/postgres" }, () => undefined);
    const secret = newSecret();
    const folder = mkdtempSync(join(tmpdir(), "seismic-state-"));
    const [password, passfile] = [join(folder, "password"), join(folder, "pgpass")];
    writeFileSync(password, secret);
    // The server's user reads it. Only the owner can enter the folder.
    chmodSync(password, 0o444);
    const server = await serve(engine.docker, {
        name: engine.physical("state-postgres"),
        image,
        port: 5432,
        env: [`DATABASE=${NAME}`, "PASSWORD_FILE=/run/password"],
        binds: [`${password}:/run/password:ro`],
        probe: ["pg_isready", "--quiet", "--host=127.0.0.1"],
    });
    writeFileSync(passfile, `${server.address}:${NAME}:${NAME}:${secret}\n`, { mode: 0o600 });
    const query = `SELECT key, convert_from(decode(data->>'data', 'base64'), 'UTF8') FROM pulumi_state`;
    return {
        variables: {
            PULUMI_BACKEND_URL: `postgres://${NAME}@${server.address}/${NAME}?sslmode=disable`,
            PGPASSFILE: passfile,
            PGPASSWORD: undefined,
        },
        secret,
        async stored() {
            const format = [
                "--no-align",
                "--tuples-only",
                "--record-separator-zero",
                "--field-separator-zero",
            ];
            const login = ["--username", NAME, "--host", "/var/run/postgresql"];
            const text = await engine.exec(server.id, [
                "psql",
                ...login,
                ...format,
                "--command",
                query,
                NAME,
            ]);
            const fields = text.split("\0");
            return new Map(fields.flatMap((key, at) => (at % 2 === 0 ? [[key, fields[at + 1] ?? ""]] : [])));
        },
        async remove() {
            await server.remove();
            rmSync(folder, { recursive: true });
        },
    };
}

function newSecret(): string {
    const BYTES = 24;
    return randomBytes(BYTES).toString("hex");
}
