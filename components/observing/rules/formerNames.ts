import type { RecordingRule, RuleGroup } from "./rule";

/** Names that begin alike, and that were renamed alike. */
interface Renaming {
    was: string;
    is: string;
    /** What follows in the old name, and follows in the new one. */
    ends: readonly string[];
}

const HISTOGRAM = ["bucket", "sum", "count"];

/**
 * The series that had other names before 0.1.0. A series of a trainer's own that begins with `seismic_` is not here,
 * and keeps its name.
 */
const RENAMINGS: readonly Renaming[] = [
    { was: "seismic_predictions_", is: "model_predictions_", ends: ["total"] },
    { was: "seismic_prediction_latency_seconds_", is: "model_prediction_latency_seconds_", ends: HISTOGRAM },
    { was: "seismic_model_call_traces_", is: "model_call_rows_", ends: HISTOGRAM },
    { was: "seismic_input_traces_", is: "model_input_rows_", ends: ["total"] },
    { was: "seismic_request", is: "model_request", ends: ["_errors_total", "s_in_flight"] },
    {
        was: "seismic_model_",
        is: "model_",
        ends: ["info", "accuracy", "f1_macro", "f1_weighted", "trained_timestamp_seconds"],
    },
    {
        was: "seismic_drift_",
        is: "model_drift_",
        ends: [
            ...["score", "reference", "evaluated_timestamp_seconds", "failures_total"],
            ...["evaluation_seconds_sum", "evaluation_seconds_count"],
        ],
    },
    { was: "seismic_drift_window_traces", is: "model_drift_window_rows", ends: [""] },
    { was: "seismic_feature_drift_", is: "model_feature_drift_", ends: ["psi", "ks"] },
    {
        was: "seismic_",
        is: "",
        ends: ["mlflow_up", "registry_champion_version", "status_source_failures_total"],
    },
    { was: "seismic_replicas_", is: "serving_replicas_", ends: ["answering"] },
    {
        was: "seismic_last_",
        is: "training_last_",
        ends: ["run_failed", "run_timestamp_seconds", "gate_refused"],
    },
    { was: "seismic_candidate_", is: "registry_candidate_", ends: ["waiting"] },
    {
        was: "seismic_retraining_",
        is: "retraining_",
        ends: [
            ...["running", "undelivered_decisions", "dropped_decisions", "decisions_total"],
            ...["next_timestamp_seconds", "last_timestamp_seconds", "last_outcome"],
        ],
    },
    {
        was: "seismic_backup_",
        is: "backup_",
        ends: [
            ...["period_seconds", "next_timestamp_seconds", "last_success_timestamp_seconds", "kept"],
            ...["last_success_bytes", "last_success_duration_seconds", "last_attempt_failed"],
        ],
    },
    {
        was: "seismic_acme_",
        is: "certificate_",
        ends: [
            ...["expiry_timestamp_seconds", "lifetime_seconds", "last_success_timestamp_seconds"],
            "last_attempt_failed",
        ],
    },
];

/** Series that Prometheus itself computes. No target tells them, so they are only recorded. */
const RECORDED: Renaming = {
    was: "seismic:",
    is: "model:",
    ends: [
        ...["requests:rate1m", "predictions:rate1m", "errors:ratio1m", "drift_score:max"],
        ...["latency_seconds:p50_1m", "latency_seconds:p95_1m", "latency_seconds:p99_1m"],
    ],
};

/** Gives a scraped series its present name, because a trainer of an earlier release still tells the old one. */
export const PRESENT_NAMES = RENAMINGS.map(({ was, is, ends }) => ({
    source_labels: ["__name__"],
    regex: `${was}(${ends.join("|")})`,
    target_label: "__name__",
    replacement: `${is}$1`,
}));

/** Records each series under its old name too, because dashboards and alerts of others still ask for that one. */
export const FORMER_NAMES: readonly RuleGroup[] = [
    {
        name: "former-names",
        rules: [...RENAMINGS, RECORDED].flatMap(({ was, is, ends }) =>
            ends.map((end): RecordingRule => ({ record: `${was}${end}`, expr: `${is}${end}` })),
        ),
    },
];
