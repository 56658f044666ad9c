import type { Observing } from "../../config/observability";
import { asYaml } from "../../common/json";
import { DRIFT_ALERT, SERVING_DOWN_ALERT } from "./rules/alertRules";
import {
    DATABASE_DOWN_ALERT,
    REGISTRY_DOWN_ALERT,
    TARGET_MISSING_ALERT,
    WATCHDOG_ALERT,
} from "./rules/platformAlerts";

/** Files of the engine's secrets. */
export const SLACK_FILE = "/run/secrets/slack-webhook";
export const SMTP_PASSWORD_FILE = "/run/secrets/smtp-password";
export const WATCHDOG_FILE = "/run/secrets/watchdog-url";

/** Alerts that fire within this time are sent together. */
const GROUP_WAIT = "10s";
/** Further alerts of a group, and their end, are sent no sooner than this. */
const GROUP_INTERVAL = "30s";
const TEAM = "team";
const RETRAINING = "retraining";
const WATCHDOG = "watchdog";
/** The interval of the watchdog's messages. A receiver that gets none for some minutes may raise the alarm. */
const WATCHDOG_INTERVAL = "1m";

export interface AlertmanagerConfigArgs {
    alerts: Observing["alerts"];
    /** Whether each file of a secret exists. */
    slack: boolean;
    smtpPassword: boolean;
    watchdog: boolean;
    /** Where alerts are posted that start a training, and who posts them; undefined when none do. */
    retraining: { url: string; username: string; passwordFile: string } | undefined;
}

/** Alertmanager's configuration. It names the files of secrets, but holds no secret. */
export function renderAlertmanager(args: AlertmanagerConfigArgs): string {
    const { alerts, slack, retraining } = args;
    const { email } = alerts;
    return asYaml({
        global: slack ? { slack_api_url_file: SLACK_FILE } : {},
        route: {
            receiver: TEAM,
            group_by: ["alertname"],
            group_wait: GROUP_WAIT,
            group_interval: GROUP_INTERVAL,
            repeat_interval: alerts.repeat,
            routes: [
                {
                    receiver: WATCHDOG,
                    matchers: [`alertname="${WATCHDOG_ALERT}"`],
                    group_wait: "0s",
                    repeat_interval: WATCHDOG_INTERVAL,
                },
                ...(retraining === undefined
                    ? []
                    : [
                          {
                              receiver: RETRAINING,
                              matchers: [`alertname="${DRIFT_ALERT}"`],
                              group_wait: "0s",
                              continue: true,
                          },
                          // Without this route, the team would not get an alert that matched above.
                          { receiver: TEAM },
                      ]),
            ],
        },
        inhibit_rules: [
            {
                source_matchers: [`alertname="${SERVING_DOWN_ALERT}"`],
                target_matchers: ['alertname=~"ServingReplicaDown|ServingErrorRate|ServingLatency"'],
            },
            {
                // While MLflow is away, its last state is no news.
                source_matchers: [`alertname="${TARGET_MISSING_ALERT}"`, 'job="mlflow"'],
                target_matchers: [
                    `alertname=~"TrainingFailed|ModelRefused|ModelWaiting|${REGISTRY_DOWN_ALERT}"`,
                ],
            },
            {
                source_matchers: [`alertname="${DATABASE_DOWN_ALERT}"`],
                target_matchers: [`alertname="${REGISTRY_DOWN_ALERT}"`],
            },
        ],
        receivers: [
            {
                name: TEAM,
                ...(slack ? { slack_configs: [slackReceiver(alerts.slack.channel)] } : {}),
                ...(email ? { email_configs: [emailReceiver(email, args.smtpPassword)] } : {}),
            },
            {
                name: WATCHDOG,
                ...(args.watchdog
                    ? { webhook_configs: [{ url_file: WATCHDOG_FILE, send_resolved: false }] }
                    : {}),
            },
            ...(retraining === undefined
                ? []
                : [{ name: RETRAINING, webhook_configs: [retrainingReceiver(retraining)] }]),
        ],
    });
}

/** The first line of each message. */
const TITLE =
    '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}, {{ .CommonLabels.severity }}{{ end }}] ' +
    "{{ .CommonLabels.stack }}: {{ .CommonLabels.alertname }}";
const SINCE = '{{ .StartsAt.UTC.Format "2006-01-02 15:04:05" }} UTC';
const UNTIL =
    '{{ if eq .Status "resolved" }}, resolved at {{ .EndsAt.UTC.Format "2006-01-02 15:04:05" }} UTC{{ end }}';
/** For each alert: the summary, the times, and where to read on. */
const BODY = `{{ range .Alerts }}{{ .Annotations.summary }}
Since ${SINCE}${UNTIL}
{{ .Annotations.description }}
Runbook: {{ .Annotations.runbook }}

{{ end }}`;

function retrainingReceiver({
    url,
    username,
    passwordFile,
}: NonNullable<AlertmanagerConfigArgs["retraining"]>) {
    return {
        url,
        send_resolved: false,
        http_config: { basic_auth: { username, password_file: passwordFile } },
    };
}

function slackReceiver(channel: string | undefined) {
    return {
        ...(channel === undefined ? {} : { channel }),
        send_resolved: true,
        title: TITLE,
        title_link: "{{ .ExternalURL }}",
        fallback: TITLE,
        text: BODY,
    };
}

function emailReceiver(
    { to, from, smarthost, username, startTls }: NonNullable<Observing["alerts"]["email"]>,
    password: boolean,
) {
    return {
        ...{ to, from, smarthost },
        ...(username === undefined ? {} : { auth_username: username }),
        ...(password ? { auth_password_file: SMTP_PASSWORD_FILE } : {}),
        require_tls: startTls,
        send_resolved: true,
        headers: { Subject: TITLE },
        html: "",
        text: BODY,
    };
}
