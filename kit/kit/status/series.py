"""The metrics of a replica that the page reads: those of kit.serving and kit.drift."""

REQUESTS = "seismic_prediction_latency_seconds_count"
LATENCY_BUCKETS = "seismic_prediction_latency_seconds_bucket"
PREDICTIONS = "seismic_predictions_total"
ERRORS = "seismic_request_errors_total"
INPUTS = "seismic_input_traces_total"
DRIFT_SCORE = "seismic_drift_score"
DRIFT_REFERENCE = "seismic_drift_reference"
FEATURE_DRIFT = "seismic_feature_drift_psi"
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
