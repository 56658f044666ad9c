import { stringify } from "yaml";

import { PLATFORM_CASES } from "./platformRuleCases";
import type { RuleCase } from "./ruleCase";

const HEALTHY = { 'up{job="serving", instance="a"}': "1x120", 'up{job="serving", instance="b"}': "1x120" };

/** Cases for a stack with two replicas and the default bounds. */
export const RULE_CASES: RuleCase[] = [
    {
        name: "nothing is told of a stack that is well",
        input: {
            ...HEALTHY,
            'up{job="mlflow"}': "1x120",
            'model_info{version="1", sha256="x", instance="a"}': "1x120",
            'model_info{version="1", sha256="x", instance="b"}': "1x120",
            model_drift_score: "0.05x120",
            model_drift_reference: "1x120",
            training_last_run_failed: "0x120",
            training_last_gate_refused: "0x120",
            mlflow_up: "1x120",
            pg_up: "1x120",
            'process_start_time_seconds{job="status"}': "1x120",
        },
        fires: [
            {
                at: "15m",
                alerts: {
                    ServingDown: 0,
                    ServingReplicaDown: 0,
                    ServingVersionsDiffer: 0,
                    ModelDrift: 0,
                    ModelDriftUnwatched: 0,
                    TrainingFailed: 0,
                    ModelRefused: 0,
                    TargetMissing: 0,
                    DatabaseDown: 0,
                    RegistryDown: 0,
                    TaskRestarts: 0,
                    // This alert always fires.
                    Watchdog: 1,
                },
            },
        ],
    },
    {
        name: "a replica that is gone is told of when it does not come back, and that it is back",
        input: {
            'up{job="serving", instance="a"}': "1x120",
            // The replica is back after a minute. Its address disappears when it ends.
            'up{job="serving", instance="b"}': "1x12 stale _x5 1x102",
        },
        fires: [
            { at: "2m20s", alerts: { ServingReplicaDown: 0 } },
            { at: "2m50s", alerts: { ServingReplicaDown: 1, ServingDown: 0 } },
            { at: "4m", alerts: { ServingReplicaDown: 0 } },
        ],
    },
    {
        name: "a replica that misses a scrape now and then is no news",
        input: {
            'up{job="serving", instance="a"}': "1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0",
            'up{job="serving", instance="b"}': "0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1",
        },
        fires: [{ at: "2m40s", alerts: { ServingReplicaDown: 0, ServingDown: 0 } }],
    },
    {
        name: "serving that is gone altogether has no series left, and is told of",
        input: { 'up{job="mlflow"}': "1x120" },
        fires: [{ at: "1m", alerts: { ServingDown: 1 } }],
    },
    {
        name: "two versions side by side are no news during an update, and are after it",
        input: {
            ...HEALTHY,
            'model_info{version="1", sha256="x", instance="a"}': "1x120",
            'model_info{version="2", sha256="y", instance="b"}': "1x120",
        },
        fires: [
            { at: "5m", alerts: { ServingVersionsDiffer: 0 } },
            { at: "11m", alerts: { ServingVersionsDiffer: 1 } },
        ],
    },
    {
        name: "errors as users see them",
        input: {
            'haproxy_frontend_http_responses_total{proxy="api", code="2xx"}': "0+90x120",
            'haproxy_frontend_http_responses_total{proxy="api", code="5xx"}': "0+10x120",
        },
        fires: [{ at: "4m", alerts: { ServingErrorRate: 1 } }],
    },
    {
        name: "an API that nobody asks has no error rate",
        input: { 'haproxy_frontend_http_responses_total{proxy="api", code="2xx"}': "0x120" },
        fires: [{ at: "4m", alerts: { ServingErrorRate: 0 } }],
    },
    {
        name: "slow predictions",
        input: {
            'model_prediction_latency_seconds_bucket{endpoint="/predict", le="0.5"}': "0+50x120",
            'model_prediction_latency_seconds_bucket{endpoint="/predict", le="1"}': "0+100x120",
            'model_prediction_latency_seconds_bucket{endpoint="/predict", le="+Inf"}': "0+100x120",
        },
        fires: [{ at: "5m", alerts: { ServingLatency: 1 } }],
    },
    {
        name: "drift in one window is no news, in four of six it is, and it ends",
        input: {
            'model_drift_score{instance="a"}': "0.1x5 0.9x0 0.1x12 0.9x8 0.1x60",
            'model_drift_score{instance="b"}': "0.1x90",
        },
        fires: [
            { at: "1m10s", alerts: { ModelDrift: 0 } },
            { at: "4m", alerts: { ModelDrift: 1 } },
            { at: "6m", alerts: { ModelDrift: 0 } },
        ],
    },
    {
        name: "a model without a reference",
        input: { model_drift_reference: "0x120" },
        fires: [{ at: "11m", alerts: { ModelDriftUnwatched: 1 } }],
    },
    {
        name: "a model of long ago: promtool's clock begins in 1970, so it is from before that",
        input: { model_trained_timestamp_seconds: "-7776001x120" },
        fires: [{ at: "11m", alerts: { ModelOld: 1 } }],
    },
    {
        name: "a failed training run, until one succeeds",
        input: { training_last_run_failed: "0x5 1x20 0x20", training_last_run_timestamp_seconds: "0x60" },
        fires: [
            { at: "40s", alerts: { TrainingFailed: 0 } },
            { at: "2m", alerts: { TrainingFailed: 1 } },
            { at: "6m", alerts: { TrainingFailed: 0 } },
        ],
    },
    {
        name: "a model that the gate refused",
        input: { training_last_gate_refused: "1x20", training_last_run_timestamp_seconds: "0x20" },
        fires: [{ at: "1m", alerts: { ModelRefused: 1 } }],
    },
    {
        name: "no failure of more than a day ago",
        input: {
            training_last_run_failed: "1x20",
            training_last_gate_refused: "1x20",
            training_last_run_timestamp_seconds: "-86401x20",
        },
        fires: [{ at: "1m", alerts: { TrainingFailed: 0, ModelRefused: 0 } }],
    },
    {
        name: "retraining that failed, and a candidate that waits",
        input: {
            'retraining_last_outcome{outcome="failed"}': "1x120",
            registry_candidate_waiting: "1x120",
        },
        fires: [
            { at: "1m", alerts: { RetrainingFailed: 1, ModelWaiting: 0 } },
            { at: "11m", alerts: { ModelWaiting: 1 } },
        ],
    },
    {
        name: "series by their old names too, for which dashboards and alerts of others still ask",
        input: {
            'model_prediction_latency_seconds_bucket{model="m", instance="a", le="0.5"}': "0+5x60",
            'model_prediction_latency_seconds_bucket{model="m", instance="a", le="+Inf"}': "0+10x60",
            'model_prediction_latency_seconds_count{model="m", instance="a"}': "0+10x60",
            'model_call_rows_sum{model="m", instance="a"}': "7x60",
            'model_info{model="m", version="1", sha256="x", instance="a"}': "1x60",
            'model_drift_score{model="m", instance="a"}': "0.5x60",
            'model_drift_score{model="m", instance="b"}': "0.25x20 stale",
            'retraining_last_outcome{model="m", outcome="failed"}': "1x60",
            'certificate_lifetime_seconds{model="m"}': "3x60",
        },
        fires: [],
        records: [
            { expr: 'count(seismic_prediction_latency_seconds_bucket{model="m"})', value: 2 },
            { expr: "sum(rate(seismic_prediction_latency_seconds_count[1m]))", value: 1 },
            { expr: "sum(seismic_model_call_traces_sum)", value: 7 },
            { expr: 'count(seismic_model_info{version="1", sha256="x"})', value: 1 },
            { expr: 'sum(seismic_drift_score{instance="a"})', value: 0.5 },
            { expr: 'sum(seismic_retraining_last_outcome{outcome="failed"})', value: 1 },
            { expr: "sum(seismic_acme_lifetime_seconds)", value: 3 },
            { expr: 'sum(seismic:drift_score:max{model="m"})', value: 0.5 },
            // A replica that is gone is gone under both names, and no series is there twice.
            { expr: "count(seismic_drift_score)", value: 1 },
            { expr: 'count({__name__=~"(model|seismic)_drift_score"})', value: 2 },
        ].map((record) => ({ at: "5m", ...record })),
    },
    ...PLATFORM_CASES,
];

/** The file of `promtool test rules`: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules */
export function renderRuleTests(rulesFiles: string[], cases: RuleCase[]): string {
    return stringify({
        rule_files: rulesFiles,
        evaluation_interval: "10s",
        tests: cases.map(({ name, input, fires, records = [] }) => ({
            name,
            interval: "10s",
            input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
            promql_expr_test: [
                ...fires.flatMap(({ at, alerts, severity = ".*" }) =>
                    Object.entries(alerts).map(([alert, value]) => ({
                        at,
                        expr: `count(ALERTS{alertname="${alert}", alertstate="firing", severity=~"${severity}"}) or vector(0)`,
                        value,
                    })),
                ),
                ...records,
            ].map(({ at, expr, value }) => ({
                expr,
                eval_time: at,
                exp_samples: [{ labels: "{}", value }],
            })),
        })),
    });
}
