"""The metrics of a replica that the page reads: those of kit.serving and kit.drift."""

REQUESTS = "model_prediction_latency_seconds_count"
LATENCY_BUCKETS = "model_prediction_latency_seconds_bucket"
PREDICTIONS = "model_predictions_total"
ERRORS = "model_request_errors_total"
INPUTS = "model_input_rows_total"
DRIFT_SCORE = "model_drift_score"
DRIFT_REFERENCE = "model_drift_reference"
FEATURE_DRIFT = "model_feature_drift_psi"
STARTED = "process_start_time_seconds"

# The followed counters, and the label that distinguishes their series.
COUNTERS = {
    REQUESTS: "endpoint",
    LATENCY_BUCKETS: "le",
    PREDICTIONS: "class",
    ERRORS: "kind",
    INPUTS: "quality",
}
GAUGES = (DRIFT_SCORE, DRIFT_REFERENCE, STARTED)
# During an update, replicas of a release before 0.1.0 still answer with these names. The table goes in 0.2.0.
PRESENT_NAMES = {
    **{name.replace("model_", "seismic_", 1): name for name in (*COUNTERS, *GAUGES, FEATURE_DRIFT)},
    "seismic_input_traces_total": INPUTS,
}
