import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { Deployment } from "./deployment";
import { durableVolume } from "./durableVolume";
import { engineSecret, secretFile } from "./engineSecret";
import { PLATFORM_START_SECONDS } from "./healthcheck";
import { platformImage } from "./sourceImage";
import { MountedFile } from "./serviceSpec";
import { SwarmService } from "./swarmService";
import { APP_UID } from "./users";

/** PostgreSQL's physical role. */
export const DATABASE_ROLE = "postgres";
const PORT = 5432;
/** The database, and the user who owns it. */
export const DATABASE_NAME = "mlflow";
const PASSWORD_LENGTH = 32;
const PASSWORD_FILE = "/run/secrets/password";
const PASSFILE = "/run/secrets/pgpass";

export interface DatabaseArgs {
    deployment: Deployment;
    network: pulumi.Input<string>;
}

/** PostgreSQL on a volume that outlives the stack. Its password is only ever in files of the engine's secrets. */
export class Database extends pulumi.ComponentResource {
    /** SQLAlchemy's address of the database; known once it is healthy. It holds no password. */
    readonly uri: pulumi.Output<string>;
    /** What a client needs beside the address. */
    readonly passfile: MountedFile;
    /** What lets a client in that takes a password alone. */
    readonly login: { user: string; password: MountedFile; address: string };
    readonly service: SwarmService;
    /** Where the cluster lies, by the name of the volume. */
    readonly volumes: Record<string, pulumi.Output<string>>;

    constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Database", name, {}, opts);
        const { deployment } = args;
        const image = platformImage(`${name}-image`, "postgres", this);
        const volume = durableVolume(`${name}-data`, deployment, DATABASE_ROLE, this);
        this.volumes = { [DATABASE_ROLE]: volume.name };
        const password = new random.RandomPassword(
            `${name}-password`,
            { length: PASSWORD_LENGTH, special: false },
            { parent: this },
        );
        const server = engineSecret(deployment, "postgres-password", password.result, this);
        // The client refuses a file that others may read.
        const line = pulumi.interpolate`${DATABASE_ROLE}:${PORT}:*:${DATABASE_NAME}:${password.result}`;
        const client = engineSecret(deployment, "postgres-passfile", line, this);
        this.passfile = { id: client.id, name: client.name, target: PASSFILE, owner: APP_UID };
        this.login = {
            user: DATABASE_NAME,
            password: secretFile(server, PASSWORD_FILE),
            address: `${DATABASE_ROLE}:${PORT}/${DATABASE_NAME}`,
        };
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: DATABASE_ROLE,
                network: args.network,
                image: image.reference,
                user: "postgres",
                command: ["start-postgres"],
                env: { DATABASE: DATABASE_NAME, PASSWORD_FILE },
                mounts: [{ kind: "volume", volume: volume.name, target: "/var/lib/postgresql" }],
                secrets: [this.login.password],
                replicas: 1,
                healthcheck: {
                    test: ["pg_isready", "--quiet", "--host=127.0.0.1", `--port=${PORT}`],
                    startSeconds: PLATFORM_START_SECONDS,
                },
                // Two servers must not open one cluster.
                order: "stop-first",
                stopGraceSeconds: 30,
                // SIGTERM would wait for the clients to leave.
                stopSignal: "SIGINT",
            },
            { parent: this },
        );
        const address = `postgresql+psycopg2://${DATABASE_NAME}@${this.login.address}?passfile=${PASSFILE}`;
        this.uri = this.service.healthy.apply(() => address);
        this.registerOutputs({ uri: this.uri });
    }
}
