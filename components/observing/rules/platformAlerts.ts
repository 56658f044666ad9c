import type { Alert, RuleArgs } from "./alert";

export const TARGET_MISSING_ALERT = "TargetMissing";
export const DATABASE_DOWN_ALERT = "DatabaseDown";
export const REGISTRY_DOWN_ALERT = "RegistryDown";
export const WATCHDOG_ALERT = "Watchdog";

/** The alert fires if a file system will be full within this many hours at its present rate. */
const FULL_WITHIN_HOURS = 4;
const SECONDS_PER_HOUR = 3600;
const SECONDS_PER_DAY = 24 * SECONDS_PER_HOUR;
const LARGEST_SKEW_SECONDS = 5;
/** Longer than PostgreSQL takes to restart with a new password. */
const BEYOND_A_DATABASE_RESTART = "1m";
/** Two updates within the range are normal, and each starts every task of a service anew. */
const RESTARTS = { range: "15m", updates: 2, more: 2 };

/** Alerts on the registry's work. */
export function registryAlerts({ targets, statusPage }: RuleArgs): Alert[] {
    const database: Alert = {
        alert: DATABASE_DOWN_ALERT,
        expr: "pg_up == 0",
        for: BEYOND_A_DATABASE_RESTART,
        severity: "critical",
        summary: "PostgreSQL does not answer its exporter",
        description:
            "MLflow cannot read its database: nothing can be trained, compared or released. Predictions go on.",
    };
    // MLflow's /health does not notice a missing database. The status page asks for runs and versions.
    const registry: Alert = {
        alert: REGISTRY_DOWN_ALERT,
        expr: "max(mlflow_up) == 0",
        for: BEYOND_A_DATABASE_RESTART,
        severity: "critical",
        summary: "MLflow does not answer questions about runs and versions",
        description: "Nothing can be trained, compared or released. Predictions go on.",
    };
    const hasDatabase = targets.some(({ job }) => job === "postgres");
    return [...(hasDatabase ? [database] : []), ...(statusPage ? [registry] : [])];
}

/** A backup may be missed once, for example by an update at its time. */
const MISSED_PERIODS = 2;

/** Alerts on scheduled backups: images/backup/backup/metrics.py. Before the first one, the task's start counts. */
export const BACKUP_ALERTS: Alert[] = [
    {
        alert: "BackupOld",
        expr:
            'time() - (backup_last_success_timestamp_seconds or process_start_time_seconds{job="backup"})' +
            ` > ${MISSED_PERIODS} * backup_period_seconds`,
        for: "1m",
        severity: "warning",
        summary: "The last good backup is {{ $value | humanizeDuration }} old",
        description: `Its schedule (backup.schedule) has missed ${MISSED_PERIODS} times. What came to the registry since is in no backup.`,
    },
    {
        alert: "BackupFailed",
        expr: "backup_last_attempt_failed == 1",
        for: "0s",
        severity: "warning",
        summary: "The last attempt to make a backup failed",
        description:
            "The backups from before stay. The service tries again after 15 minutes; its log has the reason.",
    },
];

const CERTIFICATE_ENDS = {
    alert: "CertificateEnds",
    for: "0s",
    summary:
        "The certificate of the published ports {{ if gt $value 0.0 }}ends in {{ $value | humanizeDuration }}{{ else }}has ended{{ end }}",
};
/** A certificate is renewed when a third of its life is left, or thirty of its ninety days: half of that has passed. */
const LATE_SHARE = 6;

/** Alerts on a certificate that comes from an ACME server: images/acme/acme/metrics.py. */
const ACME_ALERTS: Alert[] = [
    {
        ...CERTIFICATE_ENDS,
        expr: `certificate_expiry_timestamp_seconds - time() < certificate_lifetime_seconds / ${LATE_SHARE}`,
        severity: "critical",
        description: "It was not renewed in time. Once it has ended, browsers and programs refuse the stack.",
    },
    {
        alert: "CertificateFailed",
        expr: "certificate_last_attempt_failed == 1",
        // A failure of some hours ends by itself, and a certificate is renewed weeks before its end.
        for: "24h",
        severity: "warning",
        summary: "The certificate could not be renewed for a day",
        description:
            "The old one serves on. The service tries again at least every 20 minutes; its log has the reason.",
    },
];

/** An authority may take days for a new certificate, and so may those who have to trust one of the stack's own. */
const RENEWAL_DAYS = 14;
const LAST_DAYS = 2;

/** Alerts on the certificate of the published ports. HAProxy has no metric of its end, so the rule has the time. */
export function certificateAlerts({ certificateEnds, tls }: RuleArgs): Alert[] {
    if (tls.acme !== undefined) {
        return ACME_ALERTS;
    }
    if (certificateEnds === undefined) {
        return [];
    }
    const ends = (severity: Alert["severity"], bounds: string): Alert => ({
        ...{ ...CERTIFICATE_ENDS, severity },
        expr: `vector(${certificateEnds}) - time() ${bounds}`,
        description:
            "Nobody renews it by itself; the runbook says how. Once it has ended, browsers and programs refuse the stack.",
    });
    const [early, late] = [RENEWAL_DAYS * SECONDS_PER_DAY, LAST_DAYS * SECONDS_PER_DAY];
    return [ends("warning", `< ${early} >= ${late}`), ends("critical", `< ${late}`)];
}

/**
 * The number of restarts of a job's tasks within the range. Tasks at a fixed address begin anew there, and other tasks
 * come back at another address. A task that ended before its first scrape is not counted; other alerts tell of it.
 */
function restarts(range: string): string {
    const start = '{__name__=~"(haproxy_)?process_start_time_seconds"}';
    return (
        `sum by (job) (changes(${start}[${range}]))` +
        ` + count by (job) (last_over_time(${start}[${range}])) - count by (job) (${start})`
    );
}

/** Alerts on the platform itself. */
export function platformAlerts({ alerts: { diskFree }, targets }: RuleArgs): Alert[] {
    const jobs = targets.filter(({ replicated }) => !replicated).map(({ job }) => job);
    return [
        {
            alert: TARGET_MISSING_ALERT,
            expr: `up{job=~"${jobs.join("|")}"} == 0`,
            for: "45s",
            severity: "warning",
            summary: "{{ $labels.job }} does not answer",
            description: "Prometheus gets no metrics of it; it may be down.",
        },
        {
            alert: "TaskRestarts",
            expr:
                `(${restarts(RESTARTS.range)}) > ` +
                `${RESTARTS.updates} * count by (job) ({__name__=~"(haproxy_)?process_start_time_seconds"}) + ${RESTARTS.more}`,
            for: "0s",
            severity: "warning",
            summary: "{{ $labels.job }} restarted {{ $value }} times within 15 minutes",
            description: "The engine starts it again each time. Between two restarts it may look healthy.",
        },
        {
            alert: WATCHDOG_ALERT,
            expr: "vector(1)",
            for: "0s",
            severity: "info",
            summary: "Alerts get through",
            description:
                "This alert is always sent, to the service behind the secret watchdogUrl. If it stops, alerts do not get through.",
        },
        {
            alert: "DiskFilling",
            expr:
                `node_filesystem_avail_bytes / node_filesystem_size_bytes < ${diskFree} or ` +
                `(predict_linear(node_filesystem_avail_bytes[1h], ${FULL_WITHIN_HOURS * SECONDS_PER_HOUR}) < 0` +
                ` and node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.5)`,
            for: "5m",
            severity: "warning",
            summary: "The disk below the volume {{ $labels.mountpoint }} fills up",
            description: `Less than ${diskFree} of it is free (alerts.diskFree), or it will be full within ${FULL_WITHIN_HOURS} hours.`,
        },
        {
            alert: "ClockSkew",
            expr: `abs(node_time_seconds - timestamp(node_time_seconds)) > ${LARGEST_SKEW_SECONDS}`,
            for: "1m",
            severity: "warning",
            summary: "Clocks differ by {{ $value | humanizeDuration }}",
            description:
                "The clocks of the volumes' node and of Prometheus's node differ, so times in records and alerts are unreliable.",
        },
        {
            alert: "LogLinesDropped",
            // HAProxy does not count the predictions that access.logSample leaves out.
            expr: "increase(haproxy_process_dropped_logs_total[5m]) > 0",
            for: "0s",
            severity: "warning",
            summary: "The access log lacks about {{ $value | humanize }} lines of the last 5 minutes",
            description:
                "The gateway dropped them, because the engine did not take them in time. Requests do not wait for the log.",
        },
        {
            alert: "AlertsUndelivered",
            expr: "sum by (integration) (increase(alertmanager_notifications_failed_total[5m])) > 0",
            for: "1m",
            severity: "warning",
            summary: "Alerts do not get through by {{ $labels.integration }}",
            description: "Alertmanager tries again; its log says what the other side answered.",
        },
    ];
}
