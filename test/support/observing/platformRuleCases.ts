import type { RuleCase } from "./ruleCase";

/** In seconds. promtool's clock begins in 1970, so a certificate's life begins there too. */
const DAY = 86_400;

/** Cases of the platform below the stack: database, disk, clocks, and the receivers of alerts. */
export const PLATFORM_CASES: RuleCase[] = [
    {
        name: "a disk that is nearly full, and one that fills up fast",
        input: {
            'node_filesystem_size_bytes{mountpoint="/volumes/survey"}': "100x120",
            'node_filesystem_avail_bytes{mountpoint="/volumes/survey"}': "5x120",
            'node_filesystem_size_bytes{mountpoint="/volumes/mlflow-artifacts"}': "10000x120",
            'node_filesystem_avail_bytes{mountpoint="/volumes/mlflow-artifacts"}': "4000-10x120",
            'node_filesystem_size_bytes{mountpoint="/volumes/postgres"}': "100x120",
            'node_filesystem_avail_bytes{mountpoint="/volumes/postgres"}': "40x120",
        },
        fires: [{ at: "15m", alerts: { DiskFilling: 2 } }],
    },
    {
        name: "a target that does not answer, by its name",
        input: { 'up{job="mlflow"}': "0x120", 'up{job="prometheus"}': "1x120" },
        fires: [{ at: "2m", alerts: { TargetMissing: 1 } }],
    },
    {
        name: "a database that is away for longer than a restart, and that is back",
        input: { pg_up: "1x6 0x2 1x10 0x12 1x60", mlflow_up: "1x120" },
        fires: [
            { at: "1m30s", alerts: { DatabaseDown: 0 } },
            { at: "4m40s", alerts: { DatabaseDown: 1, RegistryDown: 0 } },
            { at: "8m", alerts: { DatabaseDown: 0 } },
        ],
    },
    {
        name: "an MLflow that answers and cannot read its database",
        input: { mlflow_up: "1x6 0x60", 'up{job="mlflow"}': "1x120" },
        fires: [{ at: "4m", alerts: { RegistryDown: 1, TargetMissing: 0 } }],
    },
    {
        name: "a task that restarts again and again at its address, not one that did so for an update",
        input: {
            'process_start_time_seconds{job="status"}': "1x5 2x5 3x5 4x5 5x5 6x60",
            'haproxy_process_start_time_seconds{job="gateway"}': "1x5 2x5 3x5 4x5 5x5 6x60",
            'process_start_time_seconds{job="retraining"}': "1x20 2x20 3x60",
        },
        fires: [
            { at: "3m", alerts: { TaskRestarts: 0 } },
            { at: "6m", alerts: { TaskRestarts: 2 } },
            { at: "19m50s", alerts: { TaskRestarts: 0 } },
        ],
    },
    {
        name: "replicas that come at another address each time, not those of two updates",
        input: Object.fromEntries([
            ...Array.from({ length: 8 }, (_, at): [string, string] => [
                `process_start_time_seconds{job="serving", instance="${at}"}`,
                `_x${3 * at} ${at}x2 ${at < 7 ? "stale" : `${at}x60`}`,
            ]),
            ...Array.from({ length: 6 }, (_, at): [string, string] => [
                `process_start_time_seconds{job="other", instance="${at}"}`,
                at < 4 ? `${at}x${10 * (at + 1)} stale` : `_x${10 * (at - 3)} ${at}x60`,
            ]),
        ]),
        fires: [{ at: "5m", alerts: { TaskRestarts: 1 } }],
    },
    {
        name: "backups that stopped, and one that failed, by the longest time between two",
        input: {
            // A period of four minutes. The first service made a backup at the beginning, and none since.
            'backup_last_success_timestamp_seconds{job="backup"}': "0x120",
            'backup_period_seconds{job="backup"}': "240x120",
            'backup_last_attempt_failed{job="backup"}': "0x30 1x6 0x60",
        },
        fires: [
            { at: "6m", alerts: { BackupOld: 0, BackupFailed: 1 } },
            { at: "10m", alerts: { BackupOld: 1, BackupFailed: 0 } },
        ],
    },
    {
        name: "a service that never made a backup, which is not old before its own start is",
        input: {
            'process_start_time_seconds{job="backup"}': "300x120",
            'backup_period_seconds{job="backup"}': "240x120",
        },
        fires: [
            { at: "12m", alerts: { BackupOld: 0 } },
            { at: "15m", alerts: { BackupOld: 1 } },
        ],
    },
    {
        name: "a certificate with less than a sixth of its life, which was not renewed in time",
        input: {
            // A life of an hour, which ends 25 minutes after the beginning.
            'certificate_lifetime_seconds{job="acme"}': "3600x120",
            'certificate_expiry_timestamp_seconds{job="acme"}': "1500x120",
        },
        fires: [
            { at: "14m", alerts: { CertificateEnds: 0, CertificateFailed: 0 } },
            { at: "16m", alerts: { CertificateEnds: 1 } },
        ],
    },
    {
        name: "a certificate that could not be renewed for a day",
        input: { 'certificate_last_attempt_failed{job="acme"}': "1x9000" },
        fires: [
            { at: "23h", alerts: { CertificateFailed: 0 } },
            { at: "24h10m", alerts: { CertificateFailed: 1 } },
        ],
    },
    {
        name: "a certificate of two weeks, which nobody renews by itself",
        certificateEnds: 14 * DAY + 60,
        input: {},
        fires: [
            { at: "50s", alerts: { CertificateEnds: 0 } },
            { at: "2m", alerts: { CertificateEnds: 1 }, severity: "warning" },
            { at: "2m", alerts: { CertificateEnds: 0 }, severity: "critical" },
        ],
    },
    {
        name: "a certificate of two days, as critical, and once",
        certificateEnds: 2 * DAY + 60,
        input: {},
        fires: [
            { at: "50s", alerts: { CertificateEnds: 1 }, severity: "warning" },
            { at: "2m", alerts: { CertificateEnds: 1, CertificateFailed: 0 } },
            { at: "2m", alerts: { CertificateEnds: 1 }, severity: "critical" },
        ],
    },
    {
        name: "a certificate that has ended",
        certificateEnds: 60,
        input: {},
        fires: [{ at: "5m", alerts: { CertificateEnds: 1 }, severity: "critical" }],
    },
    {
        name: "clocks that differ by a minute",
        input: { node_time_seconds: "60+10x120" },
        fires: [{ at: "3m", alerts: { ClockSkew: 1 } }],
    },
    {
        name: "lines that the access log lacks, for some minutes, and not those of a task that has ended",
        input: {
            'haproxy_process_dropped_logs_total{job="gateway", instance="a"}': "0x12 40x60",
            'haproxy_process_dropped_logs_total{job="gateway", instance="b"}': "40x12 0x60",
        },
        fires: [
            { at: "2m", alerts: { LogLinesDropped: 0 } },
            { at: "2m20s", alerts: { LogLinesDropped: 1 } },
            { at: "8m", alerts: { LogLinesDropped: 0 } },
        ],
    },
    {
        name: "alerts that do not get through",
        input: { 'alertmanager_notifications_failed_total{integration="slack"}': "0x6 1x6 2x60" },
        fires: [{ at: "3m", alerts: { AlertsUndelivered: 1 } }],
    },
];
