import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import {
    completeObservability,
    observability,
    observabilityProblems,
    publishedObservers,
} from "./configObservability";
import { describe } from "./configProblems";
import { SECRET_KEYS } from "./configSecrets";
import { duration, flag, identifier, port, resources, share, wholeFrom } from "./configTypes";
import { trainer } from "./configTrainer";
import { BACKENDS, DEFAULTS, environmentProblems, ENVIRONMENTS, LOG_LEVELS, STAGES } from "./environments";
import type { PortClaim } from "./engine/preflight";
import { mistake } from "./errors";
import { parseBytes } from "./units";

const data = z.discriminatedUnion("source", [
    z.strictObject({
        source: z.literal("demo"),
        traces: wholeFrom(1000).default(20_000),
        samples: wholeFrom(64).default(462),
        seed: wholeFrom(0).default(7),
    }),
    z.strictObject({
        source: z.literal("folder"),
        /** A folder on the engine's host, relative to the project; what it must hold is the trainer's affair. */
        path: z.string().min(1, { error: "needs the path of a folder with the data to train on" }),
    }),
]);

const SECRETS: ReadonlySet<string> = new Set(SECRET_KEYS);
/** Says in `promoteFrom` that no other stack is asked. */
const NO_STACK = "none";
const schema = z.strictObject({
    environment: z.enum(ENVIRONMENTS),
    /** Whose code trains and serves. */
    trainer,
    /** A git ref whose trainer is built and run; without it, in dev, the working tree's. */
    release: z.string().min(1, { error: "needs a git tag, branch or commit" }).optional(),
    /** The stack that must have released a commit before this one takes it; "none" for no such stack. */
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
            trials: wholeFrom(1).default(20),
            /** No new trial begins after this; cutting trials short makes the result depend on the machine. */
            timeBudget: duration.default("10m"),
            /** The run is stopped after this. */
            timeout: duration.default("20m"),
            hyperparameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
            seed: wholeFrom(0).default(42),
            limits: resources.default({}),
        })
        .prefault({}),
    gate: z
        .strictObject({
            /** What a candidate must reach on its hold-out. */
            floors: z
                .strictObject({
                    macroF1: share.optional(),
                    accuracy: share.optional(),
                    /** Of each class. */
                    recall: share.optional(),
                    /** Of single classes, over `recall`. */
                    classRecall: z.record(z.string(), share).optional(),
                })
                .prefault({}),
            /** How far below the champion's, on the same hold-out, a candidate's figures may lie. */
            regression: z
                .strictObject({
                    macroF1: share.default(0.02),
                    accuracy: share.default(0.02),
                    recall: share.default(0.05),
                })
                .prefault({}),
        })
        .prefault({}),
    serving: z
        .strictObject({
            replicas: wholeFrom(1).optional(),
            port: port.optional(),
            limits: resources.default({}),
            reservations: resources.default({}),
        })
        .prefault({}),
    /** How long the tasks of a service must run before a deployment counts as done. */
    monitor: duration.default("15s"),
    logLevel: z.enum(LOG_LEVELS).optional(),
    /** Serve from the mounted source with hot reload. */
    sourceMount: flag.default(false),
    ...observability,
});

/** A stack's configuration, checked and complete. */
export type StackConfig = ReturnType<typeof complete>;

/** What survey a stack trains on. */
export type DataSource = z.output<typeof data>;

/**
 * Checks a stack's configuration.
 *
 * @param values the stack's values by key, without the project's prefix
 * @throws a mistake with every problem, one a line, path first, with the remedy
 */
export function parseConfig(values: Record<string, unknown>): StackConfig {
    const result = schema.safeParse(values, { reportInput: true });
    const config = result.success ? complete(result.data) : undefined;
    const problems = config
        ? [...crossFieldProblems(config), ...environmentProblems(config)]
        : result.error!.issues.flatMap((issue) => describe(issue, schema, values));
    if (config === undefined || problems.length > 0) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        throw mistake(
            `${count} in the stack's configuration; nothing was changed\n` +
                problems.map((problem) => `  ${problem}`).join("\n"),
        );
    }
    return config;
}

/** Fills in what the environment decides. */
function complete(values: z.output<typeof schema>) {
    const { environment, gate, mlflow, model, serving } = values;
    const defaults = DEFAULTS[environment];
    return {
        ...values,
        release: values.release ?? defaults.release,
        promoteFrom: promoteFrom(values.promoteFrom ?? defaults.promoteFrom),
        gate: { ...gate, floors: { ...defaults.floors, ...gate.floors } },
        logLevel: values.logLevel ?? defaults.logLevel,
        mlflow: {
            ...mlflow,
            port: mlflow.port ?? defaults.ports.mlflow,
            experiment: mlflow.experiment ?? `seismic_classification_${environment}`,
            backend: mlflow.backend ?? defaults.backend,
        },
        model: { ...model, stage: model.stage ?? defaults.stage },
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

/** Reads the running program's configuration: every key under the project's name. */
export function loadConfig(): StackConfig {
    return parseTexts(pulumi.runtime.allConfig(), pulumi.getProject());
}

/** Checks a stack's configuration in the form in which Pulumi hands it over: texts by full key. */
export function parseTexts(texts: Record<string, string>, project: string): StackConfig {
    const prefix = `${project}:`;
    const values = Object.entries(texts)
        .filter(([key]) => key.startsWith(prefix) && !SECRETS.has(key.slice(prefix.length)))
        .map(([name, text]): [string, unknown] => {
            const key = name.slice(prefix.length);
            return [key, plain(key, text)];
        });
    return parseConfig(Object.fromEntries(values));
}

/**
 * Pulumi hands objects, numbers and booleans over as JSON text, and strings as
 * they are; a commit of digits only is a string all the same.
 */
function plain(key: string, text: string): unknown {
    const field = (schema.shape as Record<string, z.ZodType | undefined>)[key];
    if (field?.safeParse(text).success) {
        return text;
    }
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

function crossFieldProblems(config: StackConfig): string[] {
    return [
        ...portProblems(publishedPorts(config)),
        ...reservationProblems("mlflow", config),
        ...reservationProblems("serving", config),
        ...observabilityProblems(config),
    ];
}

/** The ports that a stack publishes, by the key that sets each. */
export function publishedPorts(config: StackConfig): PortClaim[] {
    return [
        { key: "mlflow.port", port: config.mlflow.port },
        { key: "serving.port", port: config.serving.port },
        ...publishedObservers(config),
    ];
}

function portProblems(claims: PortClaim[]): string[] {
    return claims.flatMap(({ key, port: wanted }, index) => {
        const first = claims.slice(0, index).find((claim) => claim.port === wanted);
        return first === undefined
            ? []
            : [`${key}: got ${wanted}, which ${first.key} has; give each a port of its own`];
    });
}

function reservationProblems(part: "mlflow" | "serving", config: StackConfig): string[] {
    const { limits, reservations } = config[part];
    const exceeds = (reserved: number | undefined, limit: number | undefined) =>
        reserved !== undefined && limit !== undefined && reserved > limit;
    const bytes = (size: string | undefined) => (size === undefined ? undefined : parseBytes(size));
    const problem = (resource: "cpus" | "memory") =>
        `${part}.reservations.${resource}: got ${reservations[resource]}; ` +
        `must not exceed ${part}.limits.${resource}, ${limits[resource]}`;
    return [
        ...(exceeds(reservations.cpus, limits.cpus) ? [problem("cpus")] : []),
        ...(exceeds(bytes(reservations.memory), bytes(limits.memory)) ? [problem("memory")] : []),
    ];
}
