import { createHash } from "node:crypto";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { endWith } from "../errors";
import type { Resources } from "../config";
import { followRollout, IDENTITY_VARIABLE, nextAttempt, Rollout, RolloutError } from "../engine/rollout";
import { goDuration, parseBytes } from "../units";
import { Deployment, labels } from "./deployment";
import { Healthcheck, renderHealthcheck } from "./healthcheck";

const NANOS_PER_CPU = 1e9;
/**
 * The kernel's own default for waiting connections. It is stated because the
 * provider takes an absent `sysctl` for a change that replaces the service, an
 * outage, whenever anything of the task changes.
 */
const SYSCTL = { "net.core.somaxconn": "4096" };

/** A folder that the service sees: a volume of its own, or a folder of the engine's host. */
export type Mount =
    | { kind: "volume"; volume: pulumi.Input<string>; target: string; readOnly?: boolean }
    | { kind: "host"; path: string; target: string; readOnly?: boolean };

/** A file that the service sees: its content is a secret or a config of the engine. */
export interface MountedFile {
    id: pulumi.Input<string>;
    name: pulumi.Input<string>;
    target: string;
    /** Its permissions; by default everybody in the container may read it. */
    mode?: number;
}

export interface SwarmServiceArgs {
    deployment: Deployment;
    /** What the service is for; its alias on the network, and the end of its physical name. */
    role: string;
    network: pulumi.Input<string>;
    image: pulumi.Input<string>;
    command: pulumi.Input<string>[];
    env?: Record<string, pulumi.Input<string>>;
    mounts?: Mount[];
    secrets?: MountedFile[];
    configs?: MountedFile[];
    replicas: number;
    limits?: Resources;
    reservations?: Resources;
    healthcheck: Healthcheck;
    /** Whether the new task may run beside the old one; not so when both would hold a port or a file. */
    order: "start-first" | "stop-first";
    /** Ports published on the host: published to target. */
    ports?: { published: number; target: number }[];
    stopGraceSeconds?: number;
    /** How a task is told to stop; by default as its image says, or SIGTERM. */
    stopSignal?: string;
}

/**
 * A replicated service, updated one task at a time and rolled back by the
 * engine when a new task does not stay up.
 *
 * The provider returns as soon as the engine took the order; what comes of it
 * is followed here, so that nothing depends on a deployment that has not come
 * about, and a failed one fails `up` with what the tasks said last.
 */
export class SwarmService extends pulumi.ComponentResource {
    /** The physical name, once every replica of the declared spec is healthy. */
    readonly healthy: pulumi.Output<string>;
    /** The physical name, once every replica has also run for the monitor period. */
    readonly proven: pulumi.Output<string>;

    constructor(name: string, args: SwarmServiceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:SwarmService", name, {}, opts);
        const { deployment, role } = args;
        const physicalName = `${deployment.prefix}-${role}`;

        const declared = this.declaration(args);
        // What makes a task: more replicas or another monitor period are no reason to restart one.
        const identity = pulumi
            .all([declared.taskSpec, nextAttempt(deployment.engine, physicalName)])
            .apply(([taskSpec, attempt]) => `${specHash(taskSpec)}@${attempt}`);
        const containerSpec = {
            ...declared.taskSpec.containerSpec,
            env: { [IDENTITY_VARIABLE]: identity },
        };
        const service = new docker.Service(
            `${name}-service`,
            {
                ...declared,
                name: physicalName,
                labels: labels(deployment, role),
                taskSpec: { ...declared.taskSpec, containerSpec },
            },
            { parent: this },
        );

        const rollout = pulumi.all([service.id, identity]).apply(([serviceId, wanted]) => ({
            name: physicalName,
            serviceId,
            identity: wanted,
            replicas: args.replicas,
            timeoutSeconds: START_TIMEOUT_SECONDS,
        }));
        const reaches = (monitorSeconds: number, settleSeconds: number) =>
            rollout.apply((it) => this.follow({ ...it, monitorSeconds, settleSeconds }, args));
        this.healthy = reaches(0, 0);
        this.proven = reaches(deployment.monitorSeconds, watchSeconds(args));
        this.registerOutputs({ healthy: this.healthy });
    }

    /** The service without the variables that are derived from it. */
    private declaration(args: SwarmServiceArgs) {
        const monitor = goDuration(watchSeconds(args));
        return {
            mode: { replicated: { replicas: args.replicas } },
            taskSpec: {
                containerSpec: {
                    image: args.image,
                    commands: withVariables(args.env ?? {}, args.command),
                    mounts: (args.mounts ?? []).map(renderMount),
                    secrets: (args.secrets ?? []).map((file) => ({
                        secretId: file.id,
                        secretName: file.name,
                        fileName: file.target,
                        ...(file.mode === undefined ? {} : { fileMode: file.mode }),
                    })),
                    configs: (args.configs ?? []).map((file) => ({
                        configId: file.id,
                        configName: file.name,
                        fileName: file.target,
                    })),
                    healthcheck: renderHealthcheck(
                        args.healthcheck,
                        args.order === "start-first"
                            ? { service: args.role, seconds: args.deployment.monitorSeconds }
                            : undefined,
                    ),
                    labels: labels(args.deployment, args.role),
                    stopGracePeriod: goDuration(args.stopGraceSeconds ?? 10),
                    ...(args.stopSignal === undefined ? {} : { stopSignal: args.stopSignal }),
                    sysctl: SYSCTL,
                },
                networksAdvanceds: [{ id: args.network, aliases: [args.role] }],
                resources: renderResources(args.limits, args.reservations),
                // Spelled out as the engine fills them in, or each preview shows a change.
                restartPolicy: { condition: "any", delay: "1s", maxAttempts: 0, window: "0s" },
                forceUpdate: 0,
                runtime: "container",
            },
            updateConfig: {
                parallelism: 1,
                delay: "0s",
                order: args.order,
                failureAction: "rollback",
                monitor,
                maxFailureRatio: "0.0",
            },
            rollbackConfig: {
                parallelism: 1,
                delay: "0s",
                order: args.order,
                failureAction: "pause",
                monitor,
                maxFailureRatio: "0.0",
            },
            // No virtual address: it needs IPVS, which not every kernel has.
            endpointSpec: {
                mode: "dnsrr",
                ports: (args.ports ?? []).map((port) => ({
                    publishedPort: port.published,
                    targetPort: port.target,
                    protocol: "tcp",
                    publishMode: "host",
                })),
            },
        };
    }

    private async follow(rollout: Rollout, args: SwarmServiceArgs): Promise<string> {
        if (!pulumi.runtime.isDryRun()) {
            try {
                await followRollout(args.deployment.engine, rollout);
            } catch (error) {
                if (error instanceof RolloutError) {
                    return endWith(this, error.message);
                }
                throw error;
            }
        }
        return rollout.name;
    }
}

/** A service's tasks have this long to run for the first time: MLflow's first migration takes most. */
const START_TIMEOUT_SECONDS = 120;
/** How long the engine watches a new task that has already proven itself beside the old one. */
const SETTLE_SECONDS = 5;

/** How long the engine watches a new task, and rolls back when it ends, once the old one is gone. */
function watchSeconds({ order, deployment: { monitorSeconds } }: SwarmServiceArgs): number {
    return order === "start-first" ? Math.min(monitorSeconds, SETTLE_SECONDS) : monitorSeconds;
}

function specHash(taskSpec: unknown): string {
    return createHash("sha256").update(JSON.stringify(taskSpec)).digest("hex").slice(0, 16);
}

/**
 * A command that sets its variables itself, sorted by name. The provider writes
 * a service's own variables in another order each time, and another order
 * restarts the tasks: more replicas would restart those that run.
 */
function withVariables(
    env: Record<string, pulumi.Input<string>>,
    command: pulumi.Input<string>[],
): pulumi.Input<string>[] {
    const variables = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
    return variables.length === 0
        ? command
        : ["env", ...variables.map(([name, value]) => pulumi.interpolate`${name}=${value}`), ...command];
}

/** A mount in the form that services and containers share. */
export function renderMount(mount: Mount) {
    const { target, readOnly = false } = mount;
    return mount.kind === "volume"
        ? { type: "volume", source: mount.volume, target, readOnly }
        : { type: "bind", source: mount.path, target, readOnly };
}

function renderResources(limits: Resources = {}, reservations: Resources = {}) {
    const side = ({ cpus, memory }: Resources) => ({
        ...(cpus === undefined ? {} : { nanoCpus: Math.round(cpus * NANOS_PER_CPU) }),
        ...(memory === undefined ? {} : { memoryBytes: parseBytes(memory)! }),
    });
    const has = (resources: Resources) => resources.cpus !== undefined || resources.memory !== undefined;
    if (!has(limits) && !has(reservations)) {
        return undefined;
    }
    return {
        ...(has(limits) ? { limits: side(limits) } : {}),
        ...(has(reservations) ? { reservation: side(reservations) } : {}),
    };
}
