import { resolve } from "node:path";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import type { Given, ServingVariable } from "../../contract/names";
import type { Trainer } from "../../config/trainer";
import type { Release } from "../../releases/release";
import { Deployment, labels } from "../stack/deployment";
import type { Branch, Endpoint } from "../gateway/endpoint";
import { type RegistryReader, signedIn } from "../gateway/insiders";
import { type Permission, READING } from "../gateway/permission";
import { answersOn } from "../service/healthcheck";
import type { ScrapeTarget } from "../service/scrapeTarget";
import type { SourceImage } from "../image/sourceImage";
import { type HostMount, LARGE_TEMPORARY, type Mount } from "../service/mounts";
import { STOP_GRACE_SECONDS } from "../image/stopGrace";
import { SwarmService } from "../service/swarmService";
import { settingsVariables, trainerCommand, trainerPackages } from "../image/trainer";
import type { TrainingResult } from "../training/trainingResult";
import { APP_USER, readerOf } from "../service/users";

/**
 * The serving tasks' ports inside the environment's network. Each generation takes the
 * port that the one before did not.
 */
export const SERVING_PORTS = [8000, 8001] as const;
/** The port on which each task gives Prometheus its metrics, in every generation. */
export const SERVING_METRICS_PORT = 8002;
/** The serving tasks' name inside the environment's network. */
export const SERVING_ROLE = "serving";
/**
 * The folder in which tasks keep the served model, so that they can start while MLflow is
 * away: docs/trainer-contract.md.
 */
const CACHE_FOLDER = "/cache";

export interface ModelServingArgs {
    deployment: Deployment;
    config: StackConfig;
    release: Release;
    network: pulumi.Input<string>;
    image: SourceImage;
    reader: RegistryReader;
    /** The only model version that is served. */
    model: pulumi.Output<TrainingResult>;
}

/** Replicas that serve one pinned model version. Another version is a rolling update. */
export class ModelServing extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: ModelServingArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:ModelServing", name, {}, opts);
        const { config, release, deployment } = args;
        const cache = this.cache(name, deployment);
        const sources = config.sourceMount ? sourceMounts(release, config.trainer) : [];
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: SERVING_ROLE,
                network: args.network,
                image: args.image.reference,
                user: sources[0] === undefined ? APP_USER : readerOf(sources[0].path, deployment.local),
                command: signedIn(args.reader, trainerCommand(config.trainer, "serving")),
                env: {
                    ENVIRONMENT: config.environment,
                    GIT_COMMIT: release.commit,
                    GIT_DIRTY: String(release.dirty),
                    IMAGE: args.image.tag,
                    LOG_LEVEL: config.logLevel,
                    MODEL_CACHE: CACHE_FOLDER,
                    MODEL_FILES_SHA256: args.model.apply(({ filesSha256 = "" }) => filesSha256),
                    METRICS_PORT: String(SERVING_METRICS_PORT),
                    MLFLOW_TRACKING_URI: args.reader.trackingUri,
                    MODEL_NAME: config.model.name,
                    MODEL_SHA256: args.model.sha256,
                    MODEL_VERSION: args.model.version,
                    RELEASE_REF: release.ref,
                    // Reload only from the working tree, because a release's tree does not change.
                    RELOAD: String(config.sourceMount && config.release === undefined),
                    ...settingsVariables(config.trainer),
                } satisfies Given<ServingVariable, pulumi.Input<string>>,
                temporary: LARGE_TEMPORARY,
                secrets: [args.reader.password],
                mounts: [cache, ...sources],
                replicas: config.serving.replicas,
                placement: config.placement.serving,
                limits: config.serving.limits,
                reservations: config.serving.reservations,
                healthcheck: { test: readyOn(SERVING_PORTS[0]), startSeconds: 60 },
                alternate: {
                    ports: SERVING_PORTS,
                    variable: "PORT" satisfies ServingVariable,
                    test: readyOn,
                },
                order: "start-first",
                stopGraceSeconds: STOP_GRACE_SECONDS.serving,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }

    /** A volume of files that MLflow also has. So the volume is not protected, and a backup leaves it out. */
    private cache(name: string, deployment: Deployment): Mount {
        const role = `${SERVING_ROLE}-cache`;
        const volume = new docker.Volume(
            `${name}-cache`,
            { name: `${deployment.prefix}-${role}`, labels: labels(deployment, role) },
            // Tasks that end slowly would still hold the volume when it is deleted.
            { parent: this, retainOnDelete: true, ignoreChanges: ["labels", "driverOpts"] },
        );
        return { kind: "volume", volume: volume.name, target: CACHE_FOLDER, onEachNode: true };
    }
}

/** Each replica is a target. */
export const SERVING_TARGET: ScrapeTarget = {
    job: SERVING_ROLE,
    host: SERVING_ROLE,
    port: SERVING_METRICS_PORT,
    replicated: true,
};

/**
 * The API on the gateway, balanced over the replicas that are ready.
 *
 * @param branches other tasks that answer on the API's port
 * @param hsts seconds for which browsers shall ask the host by https only; undefined leaves them as they are
 */
export function servingEndpoint(
    { port, replicas }: StackConfig["serving"],
    branches: Branch[],
    hsts?: number,
): Endpoint {
    return {
        ...{ name: "api", port, hsts },
        upstream: { host: SERVING_ROLE, ports: SERVING_PORTS, replicas },
        check: "/ready",
        open: "/health",
        ownHost: false,
        branches,
        permissions: API_ACCESS,
        mostBytes: MOST_BYTES,
        repeatable: { quick: "/predict", others: ["/batch_predict", "/explain"] },
    };
}

/** A little more than serving takes (docs/serving.md), so that its own answer says what is wrong. */
const MOST_BYTES = 80 * 1024 * 1024;

/**
 * The roles for the API's port. A trainer decides what its API has: predictions, explanations of them, and what
 * describes the model. So a path that is not named here is a caller's.
 */
const API_ACCESS: readonly Permission[] = [
    { role: "viewer", methods: [...READING, "POST"], paths: ["/status", "/status/*"] },
    { role: "admin", paths: ["/status", "/status/*"] },
    { role: "viewer", methods: READING, paths: ["/retraining/*"] },
    { role: "operator", methods: ["POST"], paths: ["/retraining/runs", "/retraining/alerts"] },
    { role: "admin", paths: ["/retraining", "/retraining/*"] },
    { role: "viewer", paths: ["/metrics"] },
    { role: "operator", paths: ["/labels", "/labels/*"] },
    { role: "caller", paths: ["/*"] },
];

function readyOn(port: number): string[] {
    return answersOn(port, "/ready");
}

function sourceMounts(release: Release, trainer: Trainer): HostMount[] {
    return trainerPackages(release, trainer).map(({ source, target }) => ({
        kind: "host",
        path: resolve(source),
        target,
        readOnly: true,
    }));
}
