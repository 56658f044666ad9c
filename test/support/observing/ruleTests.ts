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
            'seismic_model_info{version="1", sha256="x", instance="a"}': "1x120",
            'seismic_model_info{version="1", sha256="x", instance="b"}': "1x120",
            seismic_drift_score: "0.05x120",
            seismic_drift_reference: "1x120",
            seismic_last_run_failed: "0x120",
            seismic_last_gate_refused: "0x120",
            seismic_mlflow_up: "1x120",
            pg_up: "1x120",
            'process_start_time_seconds{job="status"}': "1x120",
        },
        fires: [
            {
                at: "15m",
                alerts: {
                    SeismicServingDown: 0,
                    SeismicReplicaDown: 0,
                    SeismicVersionsDiffer: 0,
                    SeismicDrift: 0,
                    SeismicDriftUnwatched: 0,
                    SeismicTrainingFailed: 0,
                    SeismicGateRefused: 0,
                    SeismicTargetMissing: 0,
                    SeismicDatabaseDown: 0,
                    SeismicRegistryDown: 0,
                    SeismicRestarts: 0,
                    // This alert always fires.
                    SeismicWatchdog: 1,
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
            { at: "2m20s", alerts: { SeismicReplicaDown: 0 } },
            { at: "2m50s", alerts: { SeismicReplicaDown: 1, SeismicServingDown: 0 } },
            { at: "4m", alerts: { SeismicReplicaDown: 0 } },
        ],
    },
    {
        name: "a replica that misses a scrape now and then is no news",
        input: {
            'up{job="serving", instance="a"}': "1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0",
            'up{job="serving", instance="b"}': "0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1",
        },
        fires: [{ at: "2m40s", alerts: { SeismicReplicaDown: 0, SeismicServingDown: 0 } }],
    },
    {
        name: "serving that is gone altogether has no series left, and is told of",
        input: { 'up{job="mlflow"}': "1x120" },
        fires: [{ at: "1m", alerts: { SeismicServingDown: 1 } }],
    },
    {
        name: "two versions side by side are no news during an update, and are after it",
        input: {
            ...HEALTHY,
            'seismic_model_info{version="1", sha256="x", instance="a"}': "1x120",
            'seismic_model_info{version="2", sha256="y", instance="b"}': "1x120",
        },
        fires: [
            { at: "5m", alerts: { SeismicVersionsDiffer: 0 } },
            { at: "11m", alerts: { SeismicVersionsDiffer: 1 } },
        ],
    },
    {
        name: "errors as users see them",
        input: {
            'haproxy_frontend_http_responses_total{proxy="api", code="2xx"}': "0+90x120",
            'haproxy_frontend_http_responses_total{proxy="api", code="5xx"}': "0+10x120",
        },
        fires: [{ at: "4m", alerts: { SeismicErrorRate: 1 } }],
    },
    {
        name: "an API that nobody asks has no error rate",
        input: { 'haproxy_frontend_http_responses_total{proxy="api", code="2xx"}': "0x120" },
        fires: [{ at: "4m", alerts: { SeismicErrorRate: 0 } }],
    },
    {
        name: "slow predictions",
        input: {
            'seismic_prediction_latency_seconds_bucket{endpoint="/predict", le="0.5"}': "0+50x120",
            'seismic_prediction_latency_seconds_bucket{endpoint="/predict", le="1"}': "0+100x120",
            'seismic_prediction_latency_seconds_bucket{endpoint="/predict", le="+Inf"}': "0+100x120",
        },
        fires: [{ at: "5m", alerts: { SeismicLatency: 1 } }],
    },
    {
        name: "drift in one window is no news, in four of six it is, and it ends",
        input: {
            'seismic_drift_score{instance="a"}': "0.1x5 0.9x0 0.1x12 0.9x8 0.1x60",
            'seismic_drift_score{instance="b"}': "0.1x90",
        },
        fires: [
            { at: "1m10s", alerts: { SeismicDrift: 0 } },
            { at: "4m", alerts: { SeismicDrift: 1 } },
            { at: "6m", alerts: { SeismicDrift: 0 } },
        ],
    },
    {
        name: "a model without a reference",
        input: { seismic_drift_reference: "0x120" },
        fires: [{ at: "11m", alerts: { SeismicDriftUnwatched: 1 } }],
    },
    {
        name: "a model of long ago: promtool's clock begins in 1970, so it is from before that",
        input: { seismic_model_trained_timestamp_seconds: "-7776001x120" },
        fires: [{ at: "11m", alerts: { SeismicModelOld: 1 } }],
    },
    {
        name: "a failed training run, until one succeeds",
        input: { seismic_last_run_failed: "0x5 1x20 0x20", seismic_last_run_timestamp_seconds: "0x60" },
        fires: [
            { at: "40s", alerts: { SeismicTrainingFailed: 0 } },
            { at: "2m", alerts: { SeismicTrainingFailed: 1 } },
            { at: "6m", alerts: { SeismicTrainingFailed: 0 } },
        ],
    },
    {
        name: "a model that the gate refused",
        input: { seismic_last_gate_refused: "1x20", seismic_last_run_timestamp_seconds: "0x20" },
        fires: [{ at: "1m", alerts: { SeismicGateRefused: 1 } }],
    },
    {
        name: "no failure of more than a day ago",
        input: {
            seismic_last_run_failed: "1x20",
            seismic_last_gate_refused: "1x20",
            seismic_last_run_timestamp_seconds: "-86401x20",
        },
        fires: [{ at: "1m", alerts: { SeismicTrainingFailed: 0, SeismicGateRefused: 0 } }],
    },
    {
        name: "retraining that failed, and a candidate that waits",
        input: {
            'seismic_retraining_last_outcome{outcome="failed"}': "1x120",
            seismic_candidate_waiting: "1x120",
        },
        fires: [
            { at: "1m", alerts: { SeismicRetrainingFailed: 1, SeismicCandidateWaiting: 0 } },
            { at: "11m", alerts: { SeismicCandidateWaiting: 1 } },
        ],
    },
    ...PLATFORM_CASES,
];

/** The file of `promtool test rules`: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules */
export function renderRuleTests(rulesFile: string, cases: RuleCase[]): string {
    return stringify({
        rule_files: [rulesFile],
        evaluation_interval: "10s",
        tests: cases.map(({ name, input, fires }) => ({
            name,
            interval: "10s",
            input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
            promql_expr_test: fires.flatMap(({ at, alerts, severity = ".*" }) =>
                Object.entries(alerts).map(([alert, count]) => ({
                    expr: `count(ALERTS{alertname="${alert}", alertstate="firing", severity=~"${severity}"}) or vector(0)`,
                    eval_time: at,
                    exp_samples: [{ labels: "{}", value: count }],
                })),
            ),
        })),
    });
}
