import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { Deployment, labels } from "./deployment";
import { durableVolume } from "./durableVolume";
import { SourceImage } from "./sourceImage";
import { MountedFile, SwarmService } from "./swarmService";

const ROLE = "postgres";
const PORT = 5432;
/** The database, and the user who owns it. */
const NAME = "mlflow";
const PASSWORD_LENGTH = 32;
const PASSWORD_FILE = "/run/secrets/password";
const PASSFILE = "/run/secrets/pgpass";
const OWNER_ONLY = 0o400;

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
    readonly service: SwarmService;

    constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Database", name, {}, opts);
        const { deployment } = args;
        const image = new SourceImage(
            `${name}-image`,
            { context: "images/postgres", repository: "seismic-mlops/postgres" },
            { parent: this },
        );
        const volume = durableVolume(`${name}-data`, deployment, ROLE, this);
        const password = new random.RandomPassword(
            `${name}-password`,
            { length: PASSWORD_LENGTH, special: false },
            { parent: this },
        );
        const secret = (role: string, text: pulumi.Output<string>) =>
            new docker.Secret(
                `${deployment.prefix}-${role}`,
                {
                    data: text.apply((it) => Buffer.from(it, "utf8").toString("base64")),
                    labels: labels(deployment, role),
                },
                { parent: this },
            );
        const server = secret("postgres-password", password.result);
        // The client refuses a file that others may read.
        const client = secret(
            "postgres-passfile",
            pulumi.interpolate`${ROLE}:${PORT}:*:${NAME}:${password.result}`,
        );
        this.passfile = { id: client.id, name: client.name, target: PASSFILE, mode: OWNER_ONLY };
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: ROLE,
                network: args.network,
                image: image.reference,
                command: ["start-postgres"],
                env: { DATABASE: NAME, PASSWORD_FILE },
                mounts: [{ kind: "volume", volume: volume.name, target: "/var/lib/postgresql" }],
                secrets: [{ id: server.id, name: server.name, target: PASSWORD_FILE }],
                replicas: 1,
                healthcheck: {
                    test: ["pg_isready", "--quiet", "--host=127.0.0.1", `--port=${PORT}`],
                    startSeconds: 60,
                },
                // Two servers must not open one cluster.
                order: "stop-first",
                stopGraceSeconds: 30,
                // SIGTERM would wait for the clients to leave.
                stopSignal: "SIGINT",
            },
            { parent: this },
        );
        const address = `postgresql+psycopg2://${NAME}@${ROLE}:${PORT}/${NAME}?passfile=${PASSFILE}`;
        this.uri = this.service.healthy.apply(() => address);
        this.registerOutputs({ uri: this.uri });
    }
}
