import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../config";
import { Deployment } from "./deployment";
import { durableVolume } from "./durableVolume";
import type { Endpoint } from "./haproxy";
import { SourceImage } from "./sourceImage";
import { SwarmService } from "./swarmService";

/** MLflow's port inside the environment's network. */
const REGISTRY_PORT = 5000;
const ROLE = "mlflow";

export interface ModelRegistryArgs {
    deployment: Deployment;
    network: pulumi.Input<string>;
}

/**
 * MLflow: runs, metrics and model versions of one environment. Its database
 * (SQLite) and its artifacts lie on volumes that outlive the stack; clients
 * read and write artifacts through the server, so none needs the volume.
 */
export class ModelRegistry extends pulumi.ComponentResource {
    /** The tracking address inside the network; known once the server is healthy. */
    readonly trackingUri: pulumi.Output<string>;
    readonly service: SwarmService;

    constructor(name: string, args: ModelRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:ModelRegistry", name, {}, opts);
        const { deployment } = args;
        const image = new SourceImage(
            `${name}-image`,
            { context: "images/mlflow", repository: "seismic-mlops/mlflow" },
            { parent: this },
        );
        const database = durableVolume(`${name}-db`, deployment, `${ROLE}-db`, this);
        const artifacts = durableVolume(`${name}-artifacts`, deployment, `${ROLE}-artifacts`, this);
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: ROLE,
                network: args.network,
                image: image.reference,
                command: serverCommand(),
                // As it comes, the server takes 2 GiB: four workers and a runner of jobs that nobody starts.
                env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" },
                mounts: [
                    { kind: "volume", volume: database.name, target: "/mlflow/db" },
                    { kind: "volume", volume: artifacts.name, target: "/mlflow/artifacts" },
                ],
                replicas: 1,
                healthcheck: {
                    test: ["curl", "-fsS", "-o", "/dev/null", `http://127.0.0.1:${REGISTRY_PORT}/health`],
                    startSeconds: 60,
                },
                // Two servers must not write one SQLite file.
                order: "stop-first",
            },
            { parent: this },
        );
        this.trackingUri = this.service.healthy.apply(() => `http://${ROLE}:${REGISTRY_PORT}`);
        this.registerOutputs({ trackingUri: this.trackingUri });
    }
}

/** MLflow's page and API on the gateway. */
export function mlflowEndpoint({ port }: StackConfig["mlflow"]): Endpoint {
    return {
        name: "mlflow",
        port,
        upstream: { host: ROLE, port: REGISTRY_PORT, replicas: 1 },
        check: "/health",
        open: "/health",
        ownHost: true,
    };
}

function serverCommand(): string[] {
    return [
        "mlflow",
        "server",
        "--backend-store-uri=sqlite:////mlflow/db/mlflow.db",
        "--artifacts-destination=/mlflow/artifacts",
        "--serve-artifacts",
        "--host=0.0.0.0",
        `--port=${REGISTRY_PORT}`,
        "--workers=1",
        // The server answers no other name; the gateway asks under this one too.
        `--allowed-hosts=${ROLE}:${REGISTRY_PORT},127.0.0.1:${REGISTRY_PORT}`,
        // What the gateway makes of requests from MLflow's own page.
        `--cors-allowed-origins=http://${ROLE}:${REGISTRY_PORT}`,
    ];
}
