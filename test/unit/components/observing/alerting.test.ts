import { expect } from "chai";
import { parse } from "yaml";

import {
    AlertmanagerConfigArgs,
    renderAlertmanager,
} from "../../../../components/observing/alertmanagerConfig";
import { scrapeTargets } from "../../../../components/observing/monitoring";
import { ALERTS_URL } from "../../../../components/observing/retraining";
import { renderPrometheus } from "../../../../components/observing/prometheusConfig";
import { PRESENT_NAMES } from "../../../../components/observing/rules/formerNames";
import { parseConfig } from "../../../../config/parse";

const config = parseConfig({ environment: "staging", retraining: { onDrift: true } });

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
