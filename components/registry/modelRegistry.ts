import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import { Database } from "./database";
import type { Deployment } from "../stack/deployment";
import { durableVolume } from "../service/durableVolume";
import { Endpoint, singleEndpoint } from "../gateway/endpoint";
import { MODELS_ARE_READ_ONLY } from "./modelArtifacts";
import { REGISTRY_ACCESS } from "./registryAccess";
import { answersOn, DATABASE_START_SECONDS } from "../service/healthcheck";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { platformImage } from "../image/sourceImage";
import { LARGE_TEMPORARY, type Mount, type MountedFile } from "../service/mounts";
import { SwarmService } from "../service/swarmService";
import { oneAtATime } from "../service/oneAtATime";
import { APP_USER } from "../service/users";

/** MLflow's port inside the environment's network. */
const REGISTRY_PORT = 5000;
/** MLflow's physical role. */
export const REGISTRY_ROLE = "mlflow";
/** The folders of the volumes in MLflow's container. */
export const ARTIFACTS_FOLDER = "/mlflow/artifacts";
/** Begins the address of files below that folder, which MLflow hands out. */
export const ARTIFACTS_SCHEME = "mlflow-artifacts:";
export const SQLITE_FOLDER = "/mlflow/db";
export const SQLITE_FILE = "mlflow.db";

export interface ModelRegistryArgs {
    deployment: Deployment;
    config: StackConfig["mlflow"];
    network: pulumi.Input<string>;
    /** Whether a service reads the database for backups. */
    hasReader?: boolean;
}

/** The store of the server's runs and versions, and the things that the server needs for it. */
interface Backend {
    uri: pulumi.Input<string>;
    mounts: Mount[];
    secrets: MountedFile[];
    volumes: Record<string, pulumi.Output<string>>;
    /** The volume of SQLite's file; undefined for PostgreSQL. */
    sqlite?: pulumi.Output<string>;
}

/**
 * MLflow: runs, metrics and model versions of one environment. Its database (SQLite or
 * PostgreSQL) and its artifacts are on volumes that outlive the stack. Clients read and
 * write artifacts through the server, so they do not need the volume.
 */
export class ModelRegistry extends pulumi.ComponentResource {
    /** The tracking address inside the network; known once the server is healthy. */
    readonly trackingUri: pulumi.Output<string>;
    readonly service: SwarmService;
    /** PostgreSQL, if it is the backend. */
    readonly database: Database | undefined;
    /** The volume of the artifacts. */
    readonly artifacts: pulumi.Output<string>;
    /** The volume of SQLite's file; undefined for PostgreSQL. */
    readonly sqlite: pulumi.Output<string> | undefined;
    /** The volumes with MLflow's state, by their names. */
    readonly volumes: Record<string, pulumi.Output<string>>;

    constructor(name: string, args: ModelRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:ModelRegistry", name, {}, opts);
        const { deployment } = args;
        const image = platformImage(`${name}-image`, "mlflow", args.deployment, this);
        this.database =
            args.config.backend === "postgres"
                ? new Database(
                      "database",
                      { deployment, network: args.network, hasReader: args.hasReader ?? false },
                      { parent: this },
                  )
                : undefined;
        const backend = this.database ? postgres(this.database) : this.onSqlite(name, deployment);
        const artifacts = durableVolume(`${name}-artifacts`, deployment, `${REGISTRY_ROLE}-artifacts`, this);
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: REGISTRY_ROLE,
                network: args.network,
                image: image.reference,
                user: APP_USER,
                command: serverCommand(backend.uri),
                // By default the server takes 2 GiB: four workers, and a runner of jobs that nobody starts.
                env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" },
                mounts: [
                    ...backend.mounts,
                    { kind: "volume", volume: artifacts.name, target: ARTIFACTS_FOLDER },
                ],
                // The server keeps each artifact there while it passes through.
                temporary: LARGE_TEMPORARY,
                secrets: backend.secrets,
                limits: args.config.limits,
                reservations: args.config.reservations,
                ...oneAtATime(answersWithDatabase(), DATABASE_START_SECONDS),
                // The server before the update cannot read a database that this one has migrated.
                whenUpdateFails: "pause",
                // On a busy machine the server needs more than the usual ten seconds. The provider gives
                // up when the time is over.
                stopGraceSeconds: 30,
            },
            { parent: this },
        );
        this.artifacts = artifacts.name;
        this.sqlite = backend.sqlite;
        this.volumes = { [`${REGISTRY_ROLE}-artifacts`]: artifacts.name, ...backend.volumes };
        this.trackingUri = this.service.healthy.apply(() => `http://${REGISTRY_ROLE}:${REGISTRY_PORT}`);
        this.registerOutputs({ trackingUri: this.trackingUri });
    }

    private onSqlite(name: string, deployment: Deployment): Backend {
        const volume = durableVolume(`${name}-db`, deployment, `${REGISTRY_ROLE}-db`, this);
        const mount: Mount = { kind: "volume", volume: volume.name, target: SQLITE_FOLDER };
        return {
            uri: sqliteUri(SQLITE_FILE),
            mounts: [mount],
            secrets: [],
            volumes: { [`${REGISTRY_ROLE}-db`]: volume.name },
            sqlite: volume.name,
        };
    }
}

/** SQLAlchemy's address of a file in the database's volume. */
export function sqliteUri(file: string): string {
    return `sqlite:///${SQLITE_FOLDER}/${file}`;
}

function postgres({ uri, passfile, volumes }: Database): Backend {
    return { uri, mounts: [], secrets: [passfile], volumes };
}

/** MLflow's metrics: the requests that it answers, and its own state. */
export const MLFLOW_TARGET: ScrapeTarget = {
    ...{ job: REGISTRY_ROLE, host: REGISTRY_ROLE, port: REGISTRY_PORT },
    inside: true,
};

/** MLflow's page and API on the gateway. */
export function mlflowEndpoint({ port }: StackConfig["mlflow"]): Endpoint {
    const endpoint = singleEndpoint(
        REGISTRY_ROLE,
        port,
        REGISTRY_PORT,
        { check: "/health", permissions: REGISTRY_ACCESS },
        true,
    );
    return { ...endpoint, rules: MODELS_ARE_READ_ONLY };
}

/**
 * A test that the server answers and has read its database once: /health alone does not
 * read the database. Later tests do not read it: when the database is away for a while,
 * the service is back sooner if the engine does not restart the server.
 */
function answersWithDatabase(): string[] {
    const queried = "/tmp/queried";
    const health = answersOn(REGISTRY_PORT, "/health").join(" ");
    const query = answersOn(REGISTRY_PORT, "/api/2.0/mlflow/experiments/search?max_results=1").join(" ");
    return ["sh", "-c", `${health} && { [ -e ${queried} ] || ${query}; } && touch ${queried}`];
}

function serverCommand(backend: pulumi.Input<string>): pulumi.Input<string>[] {
    return [
        "with-schema",
        backend,
        "python",
        "/app/serve.py",
        "server",
        pulumi.interpolate`--backend-store-uri=${backend}`,
        `--artifacts-destination=${ARTIFACTS_FOLDER}`,
        "--serve-artifacts",
        "--host=0.0.0.0",
        `--port=${REGISTRY_PORT}`,
        "--workers=1",
        "--expose-prometheus=/tmp/metrics",
        // The server answers only to these names. The gateway also asks under the first one.
        `--allowed-hosts=${REGISTRY_ROLE}:${REGISTRY_PORT},127.0.0.1:${REGISTRY_PORT}`,
        // The Origin that the gateway gives to requests from MLflow's own page.
        `--cors-allowed-origins=http://${REGISTRY_ROLE}:${REGISTRY_PORT}`,
    ];
}
