import { z } from "zod";

import { access } from "./access/access";
import { backup } from "./backup";
import { completeGate, defaultFloorsOf, gate } from "./gate/gate";
import { completeObservability, observability } from "./observability";
import { hasTls, tls } from "./access/tls";
import { placement } from "./registry/placement";
import { registry } from "./registry/registry";
import { trainer } from "./trainer";
import {
    containerResources,
    durationFrom,
    flag,
    identifier,
    line,
    port,
    resources,
    scalar,
    seed,
    wholeFrom,
} from "./types";
import { BACKENDS, DEFAULTS, ENVIRONMENTS, LOG_LEVELS, STAGES } from "./environments";

/**
 * The engine's answer to the gateway has at most 8192 bytes, and each address of serving in it takes 23, because the
 * engine does not compress it. That is enough for these replicas and for the tasks that an update adds.
 */
export const MOST_REPLICAS = 256;

/** The names that git accepts (git check-ref-format), and `HEAD~1` and the like. */
const REF = { error: "needs a git tag, branch or commit" };
const gitRef = z.string(REF).regex(/^(?![-/.])[^\s\p{Cc}:?*[\\]+$/u, REF);

const data = z.discriminatedUnion("source", [
    z.strictObject({
        source: z.literal("demo"),
        traces: wholeFrom(1000, 10_000_000).default(20_000),
        samples: wholeFrom(64, 60_000).default(462),
        seed: seed.default(7),
    }),
    z.strictObject({
        source: z.literal("folder"),
        /** A folder on the engine's host, relative to the project. The trainer decides what the folder must hold. */
        path: line("the path of a folder with the data to train on"),
    }),
]);

const part = resources.optional();

/**
 * The limits of the parts that have no configuration of their own where their limits could stand, by their roles. Each
 * replaces a default of components/service/bounds.ts.
 */
const limits = z
    .strictObject({
        access: part,
        acme: part,
        alertmanager: part,
        gateway: part,
        "gateway-others": part,
        grafana: part,
        "image-door": part,
        "image-store": part,
        postgres: part,
        "postgres-metrics": part,
        status: part,
        "survey-demo": part,
        volumes: part,
    })
    .prefault({});

/** The value of `promoteFrom` with which no other stack is asked. */
const NO_STACK = "none";
export const schema = z.strictObject({
    environment: z.enum(ENVIRONMENTS),
    /** The trainer whose code trains and serves. */
    trainer,
    /** The git ref whose trainer is built and run. Without a ref, dev takes the trainer of the working tree. */
    release: gitRef.optional(),
    /** The stack that must have released a commit before this stack takes it; "none" for no such stack. */
    promoteFrom: identifier.optional(),
    data: data.prefault({ source: "demo" }),
    mlflow: z
        .strictObject({
            port: port.optional(),
            experiment: identifier.optional(),
            /** Where runs and versions are kept. */
            backend: z.enum(BACKENDS).optional(),
            limits: resources.default({}),
            reservations: resources.default({}),
        })
        .prefault({}),
    model: z
        .strictObject({
            name: identifier.default("SeismicClassifier"),
            stage: z.enum(STAGES).optional(),
        })
        .prefault({}),
    training: z
        .strictObject({
            run: z.enum(["always", "on-change", "never"]).default("always"),
            trials: wholeFrom(1, 10_000).default(20),
            /** No new trial begins after this time. If trials are cut off, the result depends on the machine. */
            timeBudget: durationFrom("1s", "168h").default("10m"),
            /** The run is stopped after this time. */
            timeout: durationFrom("1s", "168h").default("20m"),
            hyperparameters: z.record(line("a name"), scalar).default({}),
            seed: seed.default(42),
            limits: containerResources.default({}),
        })
        .prefault({}),
    gate,
    serving: z
        .strictObject({
            replicas: wholeFrom(1, MOST_REPLICAS).optional(),
            port: port.optional(),
            limits: resources.default({}),
            reservations: resources.default({}),
        })
        .prefault({}),
    /** How long the tasks of a service must run before a deployment counts as done. */
    monitor: durationFrom("1s", "1h").default("15s"),
    logLevel: z.enum(LOG_LEVELS).optional(),
    /** Serve from the mounted source with hot reload. */
    sourceMount: flag.default(false),
    access,
    limits,
    tls,
    backup,
    placement,
    registry,
    ...observability,
});

/** The values of a stack's configuration, with the defaults that hold everywhere. */
export type Values = z.output<typeof schema>;

/** A stack's configuration, checked and complete. */
export type StackConfig = ReturnType<typeof complete>;

/** The survey that a stack trains on. */
export type DataSource = z.output<typeof data>;

/** Fills in the environment's defaults. */
export function complete(values: Values) {
    const { environment, mlflow, model, registry: images, serving } = values;
    const defaults = DEFAULTS[environment];
    return {
        ...values,
        access: { ...values.access, scheme: hasTls(values.tls) ? ("https" as const) : ("http" as const) },
        release: values.release ?? defaults.release,
        promoteFrom: promoteFrom(values.promoteFrom ?? defaults.promoteFrom),
        gate: completeGate(values.gate, defaults),
        defaultFloors: defaultFloorsOf(values.gate, defaults),
        logLevel: values.logLevel ?? defaults.logLevel,
        mlflow: {
            ...mlflow,
            port: mlflow.port ?? defaults.ports.mlflow,
            experiment: mlflow.experiment ?? `seismic_classification_${environment}`,
            backend: mlflow.backend ?? defaults.backend,
        },
        model: { ...model, stage: model.stage ?? defaults.stage },
        registry: { ...images, port: images.port ?? (images.builtIn ? defaults.ports.registry : undefined) },
        serving: {
            ...serving,
            port: serving.port ?? defaults.ports.serving,
            replicas: serving.replicas ?? defaults.replicas,
        },
        ...completeObservability(environment, values),
    };
}

function promoteFrom(stack: string | undefined): string | undefined {
    return stack === NO_STACK ? undefined : stack;
}
