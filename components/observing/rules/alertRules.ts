import type { StackConfig } from "../../../config/schema";
import { isRetrained } from "../../../config/observability";
import { parseSeconds } from "../../../common/units";
import { BACKUP_ALERTS, certificateAlerts, platformAlerts, registryAlerts } from "./platformAlerts";
import type { AlertingRule, RecordingRule, RuleGroup } from "./rule";
import type { Alert, RuleArgs } from "./alert";

export const DRIFT_ALERT = "ModelDrift";
export const SERVING_DOWN_ALERT = "ServingDown";

/**
 * On a busy machine, a replica that missed one scrape still answers. It has SCRAPES scrapes, and at least this long.
 */
const LEAST_LOOK_SECONDS = 20;
const SCRAPES = 2;
/**
 * A replica that is gone still counts for a while. Together with this time, that is longer
 * than a crashed replica takes to come back.
 */
const BEYOND_A_RESTART = "15s";
/** Longer than a rolling update of three groups, or of a few replicas that find room one by one. */
const BEYOND_AN_UPDATE = "10m";
/** Longer than the time between two calls of `deploy --waiting`, with an update. */
const BEYOND_A_SCHEDULE = "1h";
const SECONDS_PER_DAY = 86_400;

/** The rules of a stack. docs/runbook.md has a heading for each alert. */
export function stackRules(args: RuleArgs): RuleGroup[] {
    const { runbook } = args.alerts;
    const linked = (alerts: Alert[]): AlertingRule[] =>
        alerts.map((alert) => ({ ...alert, runbook: `${runbook}#${alert.alert.toLowerCase()}` }));
    return [
        { name: "records", rules: RECORDS },
        { name: "serving", rules: linked(servingAlerts(args)) },
        { name: "model", rules: linked(modelAlerts(args)) },
        {
            name: "training",
            rules: linked([
                ...(args.statusPage ? TRAINING_ALERTS : []),
                ...(isRetrained(args) ? retrainingAlerts(args) : []),
            ]),
        },
        { name: "registry", rules: linked(registryAlerts(args)) },
        { name: "backup", rules: args.backup.schedule === undefined ? [] : linked(BACKUP_ALERTS) },
        { name: "certificate", rules: linked(certificateAlerts(args)) },
        { name: "platform", rules: linked(platformAlerts(args)) },
    ].filter(({ rules }) => rules.length > 0);
}

const RECORDS: RecordingRule[] = [
    {
        record: "model:requests:rate1m",
        expr: "sum by (model) (rate(model_prediction_latency_seconds_count[1m]))",
    },
    {
        record: "model:predictions:rate1m",
        expr: "sum by (model, class, version) (rate(model_predictions_total[1m]))",
    },
    {
        // Errors are counted at the gateway, as users see them. A request that finds no replica is also an error there.
        record: "model:errors:ratio1m",
        expr:
            'sum by (model) (rate(haproxy_frontend_http_responses_total{proxy="api",code="5xx"}[1m]))' +
            ' / sum by (model) (rate(haproxy_frontend_http_responses_total{proxy="api"}[1m]))',
    },
    ...[50, 95, 99].map((percent) => ({
        record: `model:latency_seconds:p${percent}_1m`,
        expr:
            `histogram_quantile(${percent / 100}, ` +
            'sum by (model, le) (rate(model_prediction_latency_seconds_bucket{endpoint="/predict"}[1m])))',
    })),
    { record: "model:drift_score:max", expr: "max by (model) (model_drift_score)" },
];

/** The number of replicas that answer; 0 when none does. */
function answering({ scrapeInterval }: StackConfig["monitoring"]): string {
    const seconds = Math.max(LEAST_LOOK_SECONDS, SCRAPES * parseSeconds(scrapeInterval)!);
    return `count(max_over_time(up{job="serving"}[${seconds}s]) == 1) or vector(0)`;
}

function servingAlerts({ serving: { replicas }, alerts, monitoring }: RuleArgs): Alert[] {
    return [
        {
            alert: SERVING_DOWN_ALERT,
            expr: `(${answering(monitoring)}) == 0`,
            for: BEYOND_A_RESTART,
            severity: "critical",
            summary: "No replica of serving answers",
            description:
                "Predictions fail. The engine starts replicas again by itself; these do not get ready.",
        },
        {
            alert: "ServingReplicaDown",
            expr: `(${answering(monitoring)}) < ${replicas}`,
            for: BEYOND_A_RESTART,
            severity: "warning",
            summary: `{{ $value }} of ${replicas} replicas of serving answer`,
            description:
                "The others carry their load. A replica that ended is back within seconds; this one is not.",
        },
        {
            alert: "ServingVersionsDiffer",
            expr: "count(count by (version, sha256) (model_info)) > 1",
            for: BEYOND_AN_UPDATE,
            severity: "warning",
            summary: "Replicas serve {{ $value }} different models",
            description: "During a rolling update this is normal for a moment. Here the update does not end.",
        },
        {
            alert: "ServingErrorRate",
            expr: `model:errors:ratio1m > ${alerts.errorRatio}`,
            for: "1m",
            severity: "critical",
            summary: "{{ $value | humanizePercentage }} of the requests to the API fail",
            description: `The gateway counts answers of 500 and more. Their share may be ${alerts.errorRatio} at most (alerts.errorRatio).`,
        },
        {
            alert: "ServingLatency",
            expr: `model:latency_seconds:p99_1m > ${alerts.latencySeconds}`,
            for: "2m",
            severity: "warning",
            summary: "One prediction in a hundred takes {{ $value | humanizeDuration }} or longer",
            description: `At most ${alerts.latencySeconds} s are allowed (alerts.latencySeconds).`,
        },
    ];
}

function modelAlerts({ alerts: { drift, modelAgeDays } }: RuleArgs): Alert[] {
    const range = parseSeconds(drift.window)! * drift.windows;
    return [
        {
            alert: DRIFT_ALERT,
            expr:
                `sum_over_time((model:drift_score:max > bool ${drift.score})[${range}s:${drift.window}])` +
                ` >= ${drift.atLeast}`,
            for: "0s",
            severity: "warning",
            summary: "The requests have drifted from the training data",
            description: `The drift score was above ${drift.score} in {{ $value }} of the last ${drift.windows} windows. The page at /status names the features.`,
        },
        {
            alert: "ModelDriftUnwatched",
            expr: "max(model_drift_reference) == 0",
            for: BEYOND_AN_UPDATE,
            severity: "info",
            summary: "Drift cannot be seen: the model has no reference",
            description: "It was registered before there were references. The next training run adds one.",
        },
        {
            alert: "ModelOld",
            expr: `time() - max(model_trained_timestamp_seconds) > ${modelAgeDays * SECONDS_PER_DAY}`,
            for: "10m",
            severity: "warning",
            summary: "The model was trained {{ $value | humanizeDuration }} ago",
            description: `Models are trained again after ${modelAgeDays} days at the latest (alerts.modelAgeDays).`,
        },
    ];
}

/** After a day without another run, people know the failure: for example, an earlier release came back. */
const RECENT_RUN = `time() - training_last_run_timestamp_seconds < ${SECONDS_PER_DAY}`;

/** Alerts on values that the status page reads in MLflow. */
const TRAINING_ALERTS: Alert[] = [
    {
        alert: "TrainingFailed",
        expr: `training_last_run_failed == 1 and ${RECENT_RUN}`,
        for: "0s",
        severity: "warning",
        summary: "The last training run failed",
        description:
            "The version before keeps serving. The run in MLflow and the output of `pulumi up` have the reason.",
    },
    {
        alert: "ModelRefused",
        expr: `training_last_gate_refused == 1 and ${RECENT_RUN}`,
        for: "0s",
        severity: "warning",
        summary: "The gate refused the last model",
        description: "The champion keeps serving. The reasons are tags of the run in MLflow.",
    },
];

function retrainingAlerts({ retraining }: RuleArgs): Alert[] {
    return [
        {
            alert: "RetrainingFailed",
            expr: 'retraining_last_outcome{outcome=~"failed|timeout"} == 1',
            for: "0s",
            severity: "warning",
            summary: "Retraining failed",
            description: "The version before keeps serving. The service's log has the run's last lines.",
        },
        {
            alert: "ModelWaiting",
            expr: "registry_candidate_waiting == 1",
            ...(retraining.serve ? WAITS_FOR_A_SCHEDULE : WAITS_FOR_A_PERSON),
        },
    ];
}

const WAITS_FOR_A_PERSON = {
    // A deployment that trains also makes a candidate, and then releases it.
    for: BEYOND_AN_UPDATE,
    severity: "info",
    summary: "A retrained model that passed the gate waits to be served",
    description: "`pulumi up` serves it, and does not train it again.",
} as const;

const WAITS_FOR_A_SCHEDULE = {
    for: BEYOND_A_SCHEDULE,
    severity: "warning",
    summary: "A retrained model that passed the gate was not served by itself",
    description:
        "`retraining.serve` is true, and nothing called `npm run deploy -- --waiting --yes`, or it failed. " +
        "The version before keeps serving.",
} as const;
