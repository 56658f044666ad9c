import { z } from "zod";

import { alerts } from "./alerts";
import { isCron } from "./cron";
import { durationFrom, flag, imageName, port, resources, size } from "./types";
import { DEFAULTS, ENVIRONMENTS } from "./environments";

type Environment = (typeof ENVIRONMENTS)[number];

const DAYS = { error: 'needs a number of days such as "15d"' };
const CRON = { error: 'needs a cron expression of five fields, such as "0 3 * * 1"' };
const MODEL = { error: 'needs a model of Ollama, such as "llama3.2:1b"' };

/** The keys of a stack's configuration that say how it is observed. */
export const observability = {
    /** Prometheus, Alertmanager and their exporters. */
    monitoring: z
        .strictObject({
            enabled: flag.optional(),
            port: port.optional(),
            alertmanagerPort: port.optional(),
            scrapeInterval: durationFrom("1s", "1h").default("10s"),
            /** Samples are kept this long. If they take more than `retentionSize`, the oldest go earlier. */
            retention: z
                .string(DAYS)
                .regex(/^[1-9]\d{0,4}d$/, DAYS)
                .default("15d"),
            retentionSize: size.default("4g"),
            limits: resources.default({}),
        })
        .prefault({}),
    alerts: alerts.prefault({}),
    /** The page at /status of the API's port. */
    statusPage: flag.default(true),
    /** Runs the release's trainer again when its data drifts, or by the clock. */
    retraining: z
        .strictObject({
            onDrift: flag.default(false),
            /** In UTC. */
            schedule: z.string(CRON).refine(isCron, CRON).optional(),
            /** After a run, no alert starts another run for this long. */
            cooldown: durationFrom("0s", "8760h").default("6h"),
            /** Whether `deploy --waiting` may serve a candidate that passed the gate. */
            serve: flag.default(false),
        })
        .prefault({}),
    /** A language model's summary of each training run, by Ollama. */
    summary: z
        .strictObject({
            /** `true`: by a service of the stack. `auto`: by an Ollama that already answers, if there is one. */
            enabled: z
                .union([z.boolean(), z.literal("auto")], { error: "needs true, false or auto" })
                .optional(),
            image: imageName.default("ollama/ollama:0.12.6"),
            model: z
                .string(MODEL)
                .regex(/^[A-Za-z0-9_][\w.-]*(\/[\w.-]+)*(:[\w.-]+)?$/, MODEL)
                .default("llama3.2:1b"),
            /** Has no effect, because no port of Ollama is published. */
            port: port.optional(),
            /** The summary may take this long, including the download of a model. */
            timeout: durationFrom("1s", "24h").default("2m"),
            limits: resources.default({}),
        })
        .prefault({}),
    /** Grafana with its data source and dashboards, if an image is given. */
    grafana: z.strictObject({ image: imageName.optional(), port: port.optional() }).prefault({}),
};

type Observability = { [K in keyof typeof observability]: z.output<(typeof observability)[K]> };

/** Fills in the environment's defaults. */
export function completeObservability(environment: Environment, values: Observability) {
    const { ports, monitoring, channel, summary } = DEFAULTS[environment];
    return {
        monitoring: {
            ...values.monitoring,
            enabled: values.monitoring.enabled ?? monitoring,
            port: values.monitoring.port ?? ports.prometheus,
            alertmanagerPort: values.monitoring.alertmanagerPort ?? ports.alertmanager,
        },
        alerts: {
            ...values.alerts,
            slack: { channel: values.alerts.slack.channel ?? channel },
        },
        summary: { ...values.summary, enabled: values.summary.enabled ?? summary },
        grafana: { ...values.grafana, port: values.grafana.port ?? ports.grafana },
    };
}

/** How a stack is observed, with all defaults filled in. */
export type Observing = Omit<Observability, "monitoring" | "summary"> &
    ReturnType<typeof completeObservability>;

/** An observer of a stack that has a port of its own. */
export interface PublishedObserver {
    role: "prometheus" | "alertmanager" | "grafana";
    /** The configuration key of the port. */
    key: string;
    port: number;
    /** The name of the page, as people say it. */
    page: string;
}

/** The published observers of a stack. The ports, outputs and links of the stack are made from this list. */
export function publishedObservers({ monitoring, grafana }: Observing): PublishedObserver[] {
    const { enabled, port: prometheus, alertmanagerPort } = monitoring;
    const all: (PublishedObserver | false)[] = [
        enabled && { role: "prometheus", key: "monitoring.port", port: prometheus, page: "Prometheus" },
        enabled && {
            role: "alertmanager",
            key: "monitoring.alertmanagerPort",
            port: alertmanagerPort,
            page: "Alertmanager",
        },
        grafana.image !== undefined && {
            role: "grafana",
            key: "grafana.port",
            port: grafana.port,
            page: "Grafana",
        },
    ];
    return all.filter((observer) => observer !== false);
}

/** Whether a stack has a service that trains again. */
export function isRetrained({ retraining }: Pick<Observing, "retraining">): boolean {
    return retraining.onDrift || retraining.schedule !== undefined;
}
