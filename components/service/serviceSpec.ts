import * as pulumi from "@pulumi/pulumi";

import type { Placement } from "../../config/registry/placement";
import type { Resources } from "../../config/types";
import type { Reservation } from "../../engine/rollout/room";
import { decimalCpus, goDuration, MIB, NANOS_PER_CPU, parseBytes } from "../../common/units";
import { boundsOf } from "./bounds";
import { Deployment, labels } from "../stack/deployment";
import { confined, CONFINED_SERVICE } from "./confinement";
import { Healthcheck, renderHealthcheck } from "./healthcheck";
import { SERVICE_LOG } from "./logging";
import {
    type Mount,
    type MountedFile,
    renderConfig,
    renderMount,
    renderSecret,
    SMALL_TEMPORARY,
} from "./mounts";
import { updateGroup } from "./updateGroup";
import { uidOf } from "./users";
import { renderPlacement, type Where, whereFor } from "./placement";

/**
 * The delay before an ended task begins again. Without it, a task that cannot run would take a core for
 * ever. The engine knows no growing delay, and a bound on the attempts would leave a service down for good.
 */
const RESTART_DELAY_SECONDS = 5;
/**
 * The kernel's own default for waiting connections. If `sysctl` is absent, the provider sees
 * a difference whenever anything of the task changes, and replaces the service: an outage.
 */
const SYSCTL = { "net.core.somaxconn": "4096" };
/** A task on two networks is no router between them. */
const NO_ROUTER = { "net.ipv4.ip_forward": "0" };

/** The two ports between which generations of tasks alternate. */
export interface Alternation {
    ports: readonly [number, number];
    /** The variable that gives the command its port. */
    variable: string;
    /** The health check's command for a port. */
    test: (port: number) => string[];
}

export interface SwarmServiceArgs {
    deployment: Deployment;
    /** The service's role: its alias on the network, and the end of its physical name. */
    role: string;
    network: pulumi.Input<string>;
    /** A second network. Its other members reach the first one only through what this task answers. */
    alsoOn?: pulumi.Input<string>;
    image: pulumi.Input<string>;
    /** The user who runs the command, whatever the image says: a name in the image, or numbers. */
    user: string;
    command: pulumi.Input<string>[];
    /** Variables of the command. */
    env?: Record<string, pulumi.Input<string>>;
    mounts?: pulumi.Input<Mount>[];
    /** Its /tmp; by default a small one in memory. Nothing else of the container can be written to but the mounts. */
    temporary?: Mount;
    secrets?: MountedFile[];
    configs?: MountedFile[];
    replicas: number;
    /** The nodes of tasks without a volume or a folder of the stack; by default any that finds their image. */
    where?: Where;
    /** Further conditions of the configuration. */
    placement?: Placement;
    /** One task on each of these nodes, whatever `replicas` says. */
    onEach?: boolean;
    limits?: Resources;
    reservations?: Resources;
    healthcheck: Healthcheck;
    /**
     * Each generation of tasks listens on another port than the one before, so that the gateway can tell them apart.
     */
    alternate?: Alternation;
    /** Whether the new task may run beside the old one. It may not when both would hold the same port or file. */
    order: "start-first" | "stop-first";
    /** The engine's reaction when a new task does not stay up. By default it goes back to the version before. */
    whenUpdateFails?: "rollback" | "pause";
    /** Ports that the host publishes, and the task's ports behind them. */
    ports?: { published: number; target: number }[];
    stopGraceSeconds?: number;
    /** The signal that stops a task; by default the image's own signal, or SIGTERM. */
    stopSignal?: string;
}

/**
 * A service without the variable that carries its identity.
 *
 * @param port the port on which its tasks listen, where generations alternate
 */
export function declaration(args: SwarmServiceArgs, port: pulumi.Output<number>) {
    const monitor = goDuration(watchSeconds(args));
    // Where the old task ends first, a group would take its share of the tasks away until the new ones are ready.
    const parallelism = args.order === "start-first" ? updateGroup(args.replicas) : 1;
    const { alternate } = args;
    const env = {
        ...args.env,
        ...(alternate === undefined ? {} : { [alternate.variable]: port.apply(String) }),
    };
    const healthcheck = port.apply((it) =>
        renderHealthcheck(
            alternate === undefined ? args.healthcheck : { ...args.healthcheck, test: alternate.test(it) },
            args.order === "start-first"
                ? { service: args.role, seconds: args.deployment.monitorSeconds }
                : undefined,
        ),
    );
    const reader = () => uidOf(args.user);
    return {
        mode: args.onEach === true ? { global: true } : { replicated: { replicas: args.replicas } },
        taskSpec: {
            containerSpec: {
                image: args.image,
                user: args.user,
                ...CONFINED_SERVICE,
                commands: confined(withVariables(env, args.command)),
                mounts: [args.temporary ?? SMALL_TEMPORARY, ...(args.mounts ?? [])].map((mount) =>
                    pulumi.output(mount).apply(renderMount),
                ),
                secrets: (args.secrets ?? []).map((file) => renderSecret(file, reader())),
                configs: (args.configs ?? []).map((file) => renderConfig(file, reader())),
                healthcheck,
                labels: labels(args.deployment, args.role),
                stopGracePeriod: goDuration(args.stopGraceSeconds ?? 10),
                ...(args.stopSignal === undefined ? {} : { stopSignal: args.stopSignal }),
                sysctl: { ...SYSCTL, ...(args.alsoOn === undefined ? {} : NO_ROUTER) },
            },
            networksAdvanceds: [args.network, ...(args.alsoOn === undefined ? [] : [args.alsoOn])].map(
                (id) => ({ id, aliases: [args.role] }),
            ),
            resources: renderResources(boundsOf(args), args.reservations),
            // The engine fills in these values. If they were left out, each preview would show a change.
            restartPolicy: {
                condition: "any",
                delay: goDuration(RESTART_DELAY_SECONDS),
                maxAttempts: 0,
                window: "0s",
            },
            logDriver: SERVICE_LOG,
            forceUpdate: 0,
            runtime: "container",
            placement: pulumi
                .all(args.mounts ?? [])
                .apply((mounts) =>
                    renderPlacement(
                        whereFor(mounts, args.where, args.deployment),
                        args.deployment,
                        args.placement,
                    ),
                ),
        },
        updateConfig: {
            parallelism,
            delay: "0s",
            order: args.order,
            failureAction: args.whenUpdateFails ?? "rollback",
            monitor,
            maxFailureRatio: "0.0",
        },
        rollbackConfig: {
            parallelism,
            delay: "0s",
            order: args.order,
            failureAction: "pause",
            monitor,
            maxFailureRatio: "0.0",
        },
        // A virtual address needs IPVS, which not every kernel has.
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

/** Seconds that the engine watches a new task that has already proven itself beside the old one. */
const SETTLE_SECONDS = 5;

/**
 * Seconds that the engine watches a new task once the old one is gone. If the task ends in
 * this time, the engine rolls back.
 */
export function watchSeconds({ order, deployment: { monitorSeconds } }: SwarmServiceArgs): number {
    return order === "start-first" ? Math.min(monitorSeconds, SETTLE_SECONDS) : monitorSeconds;
}

/**
 * A command that sets its variables itself, sorted by name. The provider writes a
 * service's own variables in another order each time, and another order restarts the
 * tasks. So even a change of the replicas would restart the running tasks.
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

/** Amounts in the engine's units. An amount that is not given is left out. */
export function renderAmounts({ cpus, memory }: Resources): { nanoCpus?: number; memoryBytes?: number } {
    return {
        ...(cpus === undefined ? {} : { nanoCpus: Math.round(cpus * NANOS_PER_CPU) }),
        ...(memory === undefined ? {} : { memoryBytes: parseBytes(memory)! }),
    };
}

/** The amounts that each task of a role reserves, in the engine's form; undefined when nothing is reserved. */
export function reservationOf(role: string, { cpus, memory }: Resources = {}): Reservation | undefined {
    return cpus === undefined && memory === undefined
        ? undefined
        : {
              key: `${role}.reservations`,
              cpus: cpus ?? 0,
              bytes: memory === undefined ? 0 : parseBytes(memory)!,
          };
}

/** The limits of a container. Containers have other units than services. */
export function renderLimits({ cpus, memory }: Resources): { cpus?: string; memory?: number } {
    return {
        ...(cpus === undefined ? {} : { cpus: decimalCpus(cpus) }),
        ...(memory === undefined ? {} : { memory: parseBytes(memory)! / MIB }),
    };
}

function renderResources(limits: Resources = {}, reservations: Resources = {}) {
    const has = (resources: Resources) => resources.cpus !== undefined || resources.memory !== undefined;
    if (!has(limits) && !has(reservations)) {
        return undefined;
    }
    return {
        ...(has(limits) ? { limits: renderAmounts(limits) } : {}),
        ...(has(reservations) ? { reservation: renderAmounts(reservations) } : {}),
    };
}
