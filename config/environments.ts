export const ENVIRONMENTS = ["dev", "staging", "prod"] as const;
export const STAGES = ["None", "Staging", "Production"] as const;
export const BACKENDS = ["sqlite", "postgres"] as const;
export const LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;

/** The values of an environment for the keys that a stack's configuration leaves out. */
export interface EnvironmentDefaults {
    /** The git ref to run; undefined means the working tree. */
    release: string | undefined;
    stage: (typeof STAGES)[number];
    backend: (typeof BACKENDS)[number];
    logLevel: (typeof LOG_LEVELS)[number];
    ports: Record<"mlflow" | "serving" | "prometheus" | "alertmanager" | "grafana" | "registry", number>;
    /** Whether Prometheus watches the stack. */
    monitoring: boolean;
    /** Whether a language model writes a summary of each training run. */
    summary: boolean | "auto";
    /** The Slack channel for alerts. */
    channel: string | undefined;
    replicas: number;
    /** The stack that must have released a commit before this one does. */
    promoteFrom: string | undefined;
    /**
     * For a candidate that cannot be compared with the serving model: refuse it, or judge it
     * by the gate's floors alone.
     */
    uncompared: "refuse" | "floors";
    floors: { macroF1?: number; accuracy?: number; recall?: number };
}

/** Below these figures, a classifier of three classes is of little use to the people who work with it. */
const FLOORS = { macroF1: 0.7, accuracy: 0.7, recall: 0.5 };

/** Each environment has ports of its own, so that all three fit on one engine. */
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
            registry: 5010,
        },
        monitoring: false,
        summary: "auto",
        channel: undefined,
        replicas: 1,
        uncompared: "floors",
        promoteFrom: undefined,
        // A first survey must pass the gate. Later candidates are still compared with the serving model.
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
            registry: 5011,
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
            registry: 5012,
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
