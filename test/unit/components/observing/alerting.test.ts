import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { CHECKOUT } from "../../../../cli/local/paths";
import {
    AlertmanagerConfigArgs,
    renderAlertmanager,
} from "../../../../components/observing/alertmanagerConfig";
import { stackRules } from "../../../../components/observing/rules/alertRules";
import { scrapeTargets } from "../../../../components/observing/monitoring";
import { ALERTS_URL } from "../../../../components/observing/retraining";
import { renderPrometheus, renderRules } from "../../../../components/observing/prometheusConfig";
import type { AlertingRule } from "../../../../components/observing/rules/rule";
import { PRESENT_NAMES } from "../../../../components/observing/rules/formerNames";
import { parseConfig } from "../../../../config/parse";

const config = parseConfig({ environment: "staging", retraining: { onDrift: true } });

const ACME = { acme: "ops@example.org", hosts: ["ml.example.org"] };

describe("alerting", () => {
    describe("Prometheus's configuration", () => {
        const text = renderPrometheus({
            environment: "staging",
            stack: "staging",
            model: "Classifier",
            monitoring: config.monitoring,
            targets: scrapeTargets(config),
            alertmanager: "alertmanager:9093",
            login: { username: "prometheus", passwordFile: "/password" },
        });
        const { global, scrape_configs: jobs } = parse(text) as {
            global: object;
            scrape_configs: {
                job_name: string;
                metrics_path?: string;
                basic_auth?: object;
                dns_sd_configs?: unknown[];
                static_configs?: unknown[];
                relabel_configs: unknown[];
                metric_relabel_configs: unknown[];
            }[];
        };
        const asked = jobs.map(({ relabel_configs: _, metric_relabel_configs: __, ...job }) => job);

        it("asks each replica of serving, and everything else by its name", () => {
            const [serving, ...others] = asked;
            expect(serving).to.deep.equal({
                job_name: "serving",
                dns_sd_configs: [{ names: ["serving"], type: "A", port: 8002, refresh_interval: "5s" }],
            });
            expect(others.map(({ static_configs }) => static_configs)).to.deep.include.members([
                [{ targets: ["access:8404"] }],
                [{ targets: ["status:8000"] }],
            ]);
        });

        it("asks what is in the registry's network by its way inside, under the service's own name", () => {
            const inside = asked.filter(({ basic_auth }) => basic_auth !== undefined);
            expect(inside.map(({ job_name }) => job_name)).to.deep.equal([
                "mlflow",
                "postgres",
                "retraining",
            ]);
            expect(inside[1]).to.deep.equal({
                job_name: "postgres",
                metrics_path: "/postgres/metrics",
                basic_auth: { username: "prometheus", password_file: "/password" },
                static_configs: [{ targets: ["access:5001"], labels: { instance: "postgres-metrics:9187" } }],
            });
        });

        it("says whose samples and alerts they are", () => {
            expect(global).to.deep.include({ external_labels: { environment: "staging", stack: "staging" } });
        });

        it("labels each series with the model, and gives each its present name", () => {
            expect(jobs).to.have.length.above(5);
            for (const { relabel_configs, metric_relabel_configs } of jobs) {
                expect(relabel_configs).to.deep.equal([{ target_label: "model", replacement: "Classifier" }]);
                expect(metric_relabel_configs).to.deep.equal(PRESENT_NAMES);
            }
        });

        it("asks nobody who is not there", () => {
            const dev = parseConfig({ environment: "dev", statusPage: false });
            expect(scrapeTargets(dev).map(({ job }) => job)).not.to.include.members(["postgres"]);
            expect(scrapeTargets(dev).map(({ job }) => job)).not.to.include.members(["status"]);
            expect(scrapeTargets(dev).map(({ job }) => job)).not.to.include.members(["retraining"]);
        });
    });

    describe("the rules", () => {
        const alertsOf = (values: object, certificateEnds?: number) => {
            const given = parseConfig({ environment: "staging", ...values });
            return stackRules({ ...given, targets: scrapeTargets(given), certificateEnds })
                .flatMap(({ rules }) => rules)
                .filter((rule): rule is AlertingRule => "alert" in rule);
        };

        it("take their bounds from the stack's configuration", () => {
            const rules = alertsOf({
                serving: { replicas: 3 },
                alerts: {
                    errorRatio: 0.125,
                    latencySeconds: 0.75,
                    modelAgeDays: 2,
                    drift: { score: 0.5, window: "20s", windows: 5, atLeast: 3 },
                },
            });
            const expression = (name: string) => rules.find(({ alert }) => alert === name)!.expr;
            expect(expression("ServingReplicaDown")).to.match(/< 3$/);
            expect(expression("ServingErrorRate")).to.match(/> 0.125$/);
            expect(expression("ServingLatency")).to.match(/> 0.75$/);
            expect(expression("ModelOld")).to.match(/> 172800$/);
            expect(expression("ModelDrift")).to.equal(
                "sum_over_time((model:drift_score:max > bool 0.5)[100s:20s]) >= 3",
            );
        });

        it("watch what there is", () => {
            const names = (values: object) => alertsOf(values).map(({ alert }) => alert);
            expect(names({})).to.include("TrainingFailed").and.not.include("RetrainingFailed");
            expect(names({ statusPage: false })).not.to.include("TrainingFailed");
            expect(names({})).to.include.members(["DatabaseDown", "RegistryDown", "Watchdog"]);
            expect(names({ access: { logSample: 0.01 } })).to.include("LogLinesDropped");
            expect(names({ environment: "dev" })).not.to.include("DatabaseDown");
            expect(names({ statusPage: false })).not.to.include("RegistryDown");
            expect(names({ retraining: { schedule: "0 3 * * 1" } })).to.include("RetrainingFailed");
            expect(names({})).not.to.include("CertificateEnds");
            expect(names({ tls: ACME })).to.include.members(["CertificateEnds", "CertificateFailed"]);
            const own = alertsOf({ tls: { selfSigned: true } }, 1_893_456_000);
            const ends = own.filter(({ alert }) => alert === "CertificateEnds");
            expect(ends.map(({ severity, expr }) => [severity, expr])).to.deep.equal([
                ["warning", "vector(1893456000) - time() < 1209600 >= 172800"],
                ["critical", "vector(1893456000) - time() < 172800"],
            ]);
            expect(names({})).not.to.include("BackupOld");
            expect(names({ backup: { schedule: "0 3 * * *" } })).to.include.members([
                "BackupOld",
                "BackupFailed",
            ]);
        });

        it("tell of a candidate that waits for a person, and warn if it waits although it may serve", () => {
            const waiting = (serve: boolean) =>
                alertsOf({ retraining: { onDrift: true, serve } })
                    .filter(({ alert }) => alert === "ModelWaiting")
                    .map(({ severity, for: lasting }) => [severity, lasting]);
            expect(waiting(false)).to.deep.equal([["info", "10m"]]);
            expect(waiting(true)).to.deep.equal([["warning", "1h"]]);
        });

        it("lead to a heading of the runbook each, below the address that the stack gives", () => {
            const runbook = readFileSync(join(CHECKOUT, "docs", "runbook.md"), "utf8");
            const rules = alertsOf({
                alerts: { runbook: "https://example.org/runbook" },
                retraining: { onDrift: true },
                backup: { schedule: "0 3 * * *" },
                tls: ACME,
            });
            expect(rules).to.have.length.greaterThan(10);
            for (const { alert, runbook: link } of rules) {
                expect(link).to.equal(`https://example.org/runbook#${alert.toLowerCase()}`);
                expect(runbook).to.match(new RegExp(`^## ${alert}$`, "m"));
            }
        });

        it("are rendered with all that a message tells", () => {
            const { groups } = parse(renderRules(stackRules({ ...config, targets: [] }))) as {
                groups: { rules: { alert?: string; labels?: object; annotations?: object }[] }[];
            };
            const drift = groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === "ModelDrift");
            expect(drift!.labels).to.deep.equal({ severity: "warning" });
            expect(drift!.annotations).to.have.all.keys("summary", "description", "runbook");
        });
    });

    describe("Alertmanager's configuration", () => {
        const email = { to: "a@b.c", from: "d@e.f", smarthost: "e.f:587", username: "u", startTls: true };
        const rendered = (more: Partial<AlertmanagerConfigArgs>) =>
            parse(
                renderAlertmanager({
                    alerts: config.alerts,
                    slack: false,
                    smtpPassword: false,
                    watchdog: false,
                    retraining: undefined,
                    ...more,
                }),
            ) as { global: object; route: { routes: object[] }; receivers: Record<string, object[]>[] };

        it("tells nobody where the stack names nobody", () => {
            expect(rendered({}).receivers).to.deep.equal([{ name: "team" }, { name: "watchdog" }]);
        });

        it("names the secrets' files, and the channel of the environment", () => {
            const { global, receivers } = rendered({
                slack: true,
                smtpPassword: true,
                alerts: { ...config.alerts, email },
            });
            expect(global).to.deep.equal({ slack_api_url_file: "/run/secrets/slack-webhook" });
            expect(receivers[0]!.slack_configs![0]).to.include({
                channel: "#seismic-dev",
                send_resolved: true,
            });
            expect(receivers[0]!.email_configs![0]).to.include({
                auth_username: "u",
                auth_password_file: "/run/secrets/smtp-password",
                require_tls: true,
                send_resolved: true,
            });
        });

        it("tells the watchdog to nobody but who waits for it, each minute", () => {
            const { route, receivers } = rendered({ watchdog: true, slack: true });
            expect(route.routes).to.deep.equal([
                {
                    receiver: "watchdog",
                    matchers: ['alertname="Watchdog"'],
                    group_wait: "0s",
                    repeat_interval: "1m",
                },
            ]);
            expect(receivers[1]).to.deep.equal({
                name: "watchdog",
                webhook_configs: [{ url_file: "/run/secrets/watchdog-url", send_resolved: false }],
            });
        });

        it("tells of drift twice: to who trains again, and to the team", () => {
            const { route, receivers } = rendered({
                retraining: { url: ALERTS_URL, username: "alertmanager", passwordFile: "/password" },
            });
            expect(route.routes.slice(1)).to.deep.equal([
                {
                    receiver: "retraining",
                    matchers: ['alertname="ModelDrift"'],
                    group_wait: "0s",
                    continue: true,
                },
                { receiver: "team" },
            ]);
            expect(receivers[2]!.webhook_configs).to.deep.equal([
                {
                    url: "http://access:5002/retraining/alerts",
                    send_resolved: false,
                    http_config: { basic_auth: { username: "alertmanager", password_file: "/password" } },
                },
            ]);
        });
    });
});
