export const ENVIRONMENTS = ["dev", "staging", "prod"] as const;
export const STAGES = ["None", "Staging", "Production"] as const;
export const BACKENDS = ["sqlite", "postgres"] as const;
export const LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;

/** What an environment takes where its stack's configuration says nothing. */
export interface EnvironmentDefaults {
    /** The git ref to run; none is the working tree. */
    release: string | undefined;
    stage: (typeof STAGES)[number];
    backend: (typeof BACKENDS)[number];
    logLevel: (typeof LOG_LEVELS)[number];
    ports: Record<"mlflow" | "serving" | "prometheus" | "alertmanager" | "grafana", number>;
    /** Whether Prometheus watches it. */
    monitoring: boolean;
    /** Whether a language model sums its runs up. */
    summary: boolean | "auto";
    /** Where its alerts go in Slack. */
    channel: string | undefined;
    replicas: number;
    /** The stack that must have released a commit before. */
    promoteFrom: string | undefined;
    /** A candidate that cannot be compared with what serves is refused, or the gate's floors alone judge it. */
    uncompared: "refuse" | "floors";
    /** The gate's floors. */
    floors: { macroF1?: number; accuracy?: number; recall?: number };
}

/** Below these, a classifier of three classes is of little use to those who work with it. */
const FLOORS = { macroF1: 0.7, accuracy: 0.7, recall: 0.5 };

/** Other ports for each, so that all three fit on one engine. */
export const DEFAULTS: Record<(typeof ENVIRONMENTS)[number], EnvironmentDefaults> = {
    dev: {
        release: undefined,
        stage: "None",
        backend: "sqlite",
        logLevel: "DEBUG",
        ports: {
            mlflow: 5000,
            serving: 8000,
            prometheus: 9090,
            alertmanager: 9093,
            grafana: 3000,
        },
        monitoring: false,
        summary: "auto",
        channel: undefined,
        replicas: 1,
        uncompared: "floors",
        promoteFrom: undefined,
        // A first survey must get through; what serves is still the measure of what follows.
        floors: {},
    },
    staging: {
        release: "HEAD",
        stage: "Staging",
        backend: "postgres",
        logLevel: "INFO",
        ports: {
            mlflow: 5001,
            serving: 8001,
            prometheus: 9091,
            alertmanager: 9094,
            grafana: 3001,
        },
        monitoring: true,
        summary: "auto",
        channel: "#seismic-dev",
        replicas: 1,
        uncompared: "floors",
        promoteFrom: undefined,
        floors: FLOORS,
    },
    prod: {
        release: undefined,
        stage: "Production",
        backend: "postgres",
        logLevel: "WARNING",
        ports: {
            mlflow: 5002,
            serving: 8002,
            prometheus: 9092,
            alertmanager: 9095,
            grafana: 3002,
        },
        monitoring: true,
        summary: false,
        channel: "#seismic-prod",
        replicas: 2,
        uncompared: "refuse",
        promoteFrom: "staging",
        floors: FLOORS,
    },
};
