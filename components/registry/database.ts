import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { Deployment } from "../stack/deployment";
import { durableVolume } from "../service/durableVolume";
import { engineSecret, secretFile } from "../service/engineSecret";
import { DATABASE_START_SECONDS } from "../service/healthcheck";
import { platformImage } from "../image/sourceImage";
import { inMemory, type MountedFile } from "../service/mounts";
import { SwarmService } from "../service/swarmService";
import { oneAtATime } from "../service/oneAtATime";

/** PostgreSQL's physical role. */
export const DATABASE_ROLE = "postgres";
const PORT = 5432;
/** The name of the database and of its owner. The owner is no superuser. */
export const DATABASE_NAME = "mlflow";
/** The user who reads the server's statistics and nothing else. */
const MONITOR = "monitor";
/** The user who reads all tables and writes none, for backups. */
const READER = "backup";
const READER_PASSWORD_FILE = "/run/secrets/backup-password";
const PASSWORD_LENGTH = 32;
const PASSWORD_FILE = "/run/secrets/password";
const MONITOR_PASSWORD_FILE = "/run/secrets/monitor-password";
/** At its end, the server writes its memory to disk. If the end is cut short, the next start needs a recovery. */
const STOP_GRACE_SECONDS = 300;
/** The server's socket, for the commands in its own container. */
const SOCKET_FOLDER = "/run/postgresql";
/** Seconds after which a client of the reader gives a connection up. */
const CONNECT_SECONDS = 30;
const PASSFILE = "/run/secrets/pgpass";

export interface DatabaseArgs {
    deployment: Deployment;
    network: pulumi.Input<string>;
    /** Whether there is a user who reads all tables. */
    hasReader: boolean;
}

/** PostgreSQL on a volume that outlives the stack. Only files of the engine's secrets hold its passwords. */
export class Database extends pulumi.ComponentResource {
    /** SQLAlchemy's address of the database; known once the database is healthy. The address has no password. */
    readonly uri: pulumi.Output<string>;
    /** The password file that a client needs besides the address. */
    readonly passfile: MountedFile;
    /** The user, the password and the address for reading statistics. */
    readonly monitor: { user: string; password: MountedFile; address: string };
    /** libpq's variables and password file for a user who reads all tables; undefined when there is none. */
    readonly reader: { env: Record<string, string>; passfile: MountedFile } | undefined;
    readonly service: SwarmService;
    /** The volume of the database cluster, by its name. */
    readonly volumes: Record<string, pulumi.Output<string>>;

    constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Database", name, {}, opts);
        const { deployment } = args;
        const image = platformImage(`${name}-image`, "postgres", args.deployment, this);
        const volume = durableVolume(`${name}-data`, deployment, DATABASE_ROLE, this);
        this.volumes = { [DATABASE_ROLE]: volume.name };
        const password = this.password(`${name}-password`);
        const own = secretFile(engineSecret(deployment, "postgres-password", password, this), PASSWORD_FILE);
        const line = pulumi.interpolate`${DATABASE_ROLE}:${PORT}:*:${DATABASE_NAME}:${password}`;
        const client = engineSecret(deployment, "postgres-passfile", line, this);
        this.passfile = secretFile(client, PASSFILE);
        const monitors = engineSecret(
            deployment,
            "monitor-password",
            this.password(`${name}-monitor-password`),
            this,
        );
        const address = `${DATABASE_ROLE}:${PORT}/${DATABASE_NAME}`;
        this.monitor = { user: MONITOR, password: secretFile(monitors, MONITOR_PASSWORD_FILE), address };
        const reader = args.hasReader ? this.readerOf(name, deployment) : undefined;
        this.reader = reader?.client;
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: DATABASE_ROLE,
                network: args.network,
                image: image.reference,
                user: "postgres",
                command: ["start-postgres"],
                env: {
                    DATABASE: DATABASE_NAME,
                    PASSWORD_FILE,
                    MONITOR_PASSWORD_FILE,
                    ...(reader === undefined ? {} : { BACKUP_PASSWORD_FILE: READER_PASSWORD_FILE }),
                },
                mounts: [
                    { kind: "volume", volume: volume.name, target: "/var/lib/postgresql" },
                    inMemory(SOCKET_FOLDER),
                ],
                secrets: [own, this.monitor.password, ...(reader === undefined ? [] : [reader.password])],
                ...oneAtATime(
                    ["pg_isready", "--quiet", "--host=127.0.0.1", `--port=${PORT}`],
                    DATABASE_START_SECONDS,
                ),
                stopGraceSeconds: STOP_GRACE_SECONDS,
                // With SIGTERM, the server would wait for its clients to leave.
                stopSignal: "SIGINT",
            },
            { parent: this },
        );
        const uri = `postgresql+psycopg2://${DATABASE_NAME}@${address}?passfile=${PASSFILE}`;
        this.uri = this.service.healthy.apply(() => uri);
        this.registerOutputs({ uri: this.uri });
    }

    /** The user who reads all tables: the file for the server, and what a client needs. */
    private readerOf(name: string, deployment: Deployment) {
        const password = this.password(`${name}-backup-password`);
        const line = pulumi.interpolate`${DATABASE_ROLE}:${PORT}:*:${READER}:${password}`;
        const client = secretFile(engineSecret(deployment, "backup-passfile", line, this), PASSFILE);
        const env = {
            ...{ PGHOST: DATABASE_ROLE, PGPORT: String(PORT), PGDATABASE: DATABASE_NAME, PGUSER: READER },
            ...{ PGPASSFILE: PASSFILE, PGCONNECT_TIMEOUT: String(CONNECT_SECONDS) },
        };
        return {
            password: secretFile(
                engineSecret(deployment, "backup-password", password, this),
                READER_PASSWORD_FILE,
            ),
            client: { env, passfile: client },
        };
    }

    private password(name: string): pulumi.Output<string> {
        return new random.RandomPassword(name, { length: PASSWORD_LENGTH, special: false }, { parent: this })
            .result;
    }
}
