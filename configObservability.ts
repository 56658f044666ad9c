import { z } from "zod";

import { duration, flag, fraction, imageName, port, resources, share, size, wholeFrom } from "./configTypes";
import { DEFAULTS, ENVIRONMENTS } from "./environments";
import { parseSeconds } from "./units";

type Environment = (typeof ENVIRONMENTS)[number];

const DAYS = { error: 'needs a number of days such as "15d"' };
const ADDRESS = { error: "needs an e-mail address" };
const SMARTHOST = { error: 'needs HOST:PORT of a mail server, such as "smtp.example.org:587"' };
const CHANNEL = { error: 'needs a channel such as "#seismic-prod"' };
const SECONDS = { error: "needs seconds above 0, such as 0.5" };
const CRON = { error: 'needs a cron expression of five fields, such as "0 3 * * 1"' };
const URL = { error: 'needs an address such as "https://example.org/runbook.md"' };

const email = z.string(ADDRESS).regex(/^\S+@\S+$/, ADDRESS);

const alerts = z.strictObject({
    /** Where Slack's webhook posts to; the webhook's address is the secret `slackWebhook`. */
    slack: z
        .strictObject({
            channel: z
                .string(CHANNEL)
                .regex(/^[#@]\S+$/, CHANNEL)
                .optional(),
        })
        .prefault({}),
    /** A mail server, and whom to write to; its password is the secret `smtpPassword`. */
    email: z
        .strictObject({
            to: email,
            from: email,
            smarthost: z.string(SMARTHOST).regex(/^\S+:\d+$/, SMARTHOST),
            username: z.string().min(1).optional(),
            startTls: flag.default(true),
        })
        .optional(),
    /** Where the runbook is read: begins the link in each message. */
    runbook: z.string(URL).min(1, URL).default("docs/runbook.md"),
    /** How long the same alert stays quiet once it was told. */
    repeat: duration.default("4h"),
    /** The share of requests to the API that may fail. */
    errorRatio: share.default(0.05),
    /** Of /predict, the 99th percentile. */
    latencySeconds: fraction(z.number(SECONDS).positive(SECONDS)).default(0.5),
    /** Drifted: `atLeast` of the last `windows` evaluations, one each `window`, were above `score`. */
    drift: z
        .strictObject({
            score: fraction(z.number().positive({ error: "needs a score above 0" })).default(0.2),
            window: duration.default("10s"),
            windows: wholeFrom(1).default(6),
            atLeast: wholeFrom(1).default(4),
        })
        .prefault({}),
    modelAgeDays: wholeFrom(1).default(90),
    /** The share of a volume's file system that must be free. */
    diskFree: share.default(0.1),
});

/** The keys of a stack's configuration that say how it is observed. */
export const observability = {
    /** Prometheus, Alertmanager and their exporters. */
    monitoring: z
        .strictObject({
            enabled: flag.optional(),
            port: port.optional(),
            alertmanagerPort: port.optional(),
            scrapeInterval: duration.default("10s"),
            /** Samples are kept this long, and never more than `retentionSize` of them. */
            retention: z
                .string(DAYS)
                .regex(/^[1-9]\d*d$/, DAYS)
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
            schedule: z
                .string(CRON)
                .regex(/^\S+(\s+\S+){4}$/, CRON)
                .optional(),
            /** No alert starts a run this soon after the last one. */
            cooldown: duration.default("6h"),
        })
        .prefault({}),
    /** A language model's summary of each training run, by Ollama. */
    summary: z
        .strictObject({
            enabled: flag.default(false),
            image: imageName.default("ollama/ollama:0.12.6"),
            model: z.string().min(1).default("llama3.2:1b"),
            port: port.optional(),
            /** The summary may take this long, a model's download included. */
            timeout: duration.default("2m"),
            limits: resources.default({}),
        })
        .prefault({}),
    /** Grafana with its data source and dashboards, where an image for it is given. */
    grafana: z.strictObject({ image: imageName.optional(), port: port.optional() }).prefault({}),
};

type Observability = { [K in keyof typeof observability]: z.output<(typeof observability)[K]> };

/** Fills in what the environment decides. */
export function completeObservability(environment: Environment, values: Observability) {
    const { ports, monitoring, channel } = DEFAULTS[environment];
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
        summary: { ...values.summary, port: values.summary.port ?? ports.ollama },
        grafana: { ...values.grafana, port: values.grafana.port ?? ports.grafana },
    };
}

/** How a stack is observed, complete. */
export type Observing = Omit<Observability, "monitoring"> & ReturnType<typeof completeObservability>;

/** Values that do not go together, as lines of "path: what was given; what to do". */
export function observabilityProblems({ monitoring, alerts, retraining, grafana }: Observing): string[] {
    const problems: string[] = [];
    const { windows, atLeast } = alerts.drift;
    if (atLeast > windows) {
        problems.push(
            `alerts.drift.atLeast: got ${atLeast}; must not exceed alerts.drift.windows, ${windows}`,
        );
    }
    if (retraining.onDrift && !monitoring.enabled) {
        problems.push("retraining.onDrift: got true; it needs Prometheus, so set monitoring.enabled to true");
    }
    if (grafana.image !== undefined && !monitoring.enabled) {
        problems.push(
            `grafana.image: got ${grafana.image}; it shows Prometheus, so set monitoring.enabled to true`,
        );
    }
    if (parseSeconds(monitoring.scrapeInterval)! > LONGEST_SCRAPE_SECONDS) {
        problems.push(
            `monitoring.scrapeInterval: got ${monitoring.scrapeInterval}; at most ${LONGEST_SCRAPE_SECONDS}s, for rates are taken over a minute`,
        );
    }
    return problems;
}

/** A rate needs two samples. */
const LONGEST_SCRAPE_SECONDS = 30;

/** What observes a stack on a port of its own. */
export interface PublishedObserver {
    role: "prometheus" | "alertmanager" | "ollama" | "grafana";
    /** Where the port is configured. */
    key: string;
    port: number;
    /** What people call it, where it has pages for them. */
    page?: string;
}

/** Those of a stack: its ports, outputs and links are made of this list. */
export function publishedObservers({ monitoring, summary, grafana }: Observing): PublishedObserver[] {
    const { enabled, port: prometheus, alertmanagerPort } = monitoring;
    const all: (PublishedObserver | false)[] = [
        enabled && { role: "prometheus", key: "monitoring.port", port: prometheus, page: "Prometheus" },
        enabled && {
            role: "alertmanager",
            key: "monitoring.alertmanagerPort",
            port: alertmanagerPort,
            page: "Alertmanager",
        },
        summary.enabled && { role: "ollama", key: "summary.port", port: summary.port },
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
