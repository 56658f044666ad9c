import { expect } from "chai";

import { parseConfig } from "../../../config/parse";
import { publishedPorts } from "../../../config/rules";

const problems = (values: Record<string, unknown>): string[] => {
    try {
        parseConfig(values);
        return [];
    } catch (error) {
        return (error as Error).message
            .split("\n")
            .slice(1)
            .map((line) => line.trim());
    }
};

describe("config of what observes", () => {
    it("watches staging and prod, and not dev, each on ports and a channel of its own", () => {
        const defaults = ["dev", "staging"].map((environment) => parseConfig({ environment }));
        expect(defaults.map(({ monitoring }) => monitoring.enabled)).to.deep.equal([false, true]);
        expect(defaults.map(({ monitoring }) => monitoring.port)).to.deep.equal([9090, 9091]);
        expect(defaults.map(({ monitoring }) => monitoring.alertmanagerPort)).to.deep.equal([9093, 9094]);
        expect(defaults.map(({ alerts }) => alerts.slack.channel)).to.deep.equal([undefined, "#seismic-dev"]);
        expect(defaults.map(({ summary }) => summary.enabled)).to.deep.equal(["auto", "auto"]);
    });

    it("publishes only what there is", () => {
        const keys = (values: object) =>
            publishedPorts(parseConfig({ environment: "dev", ...values })).map(({ key }) => key);
        expect(keys({})).to.deep.equal(["mlflow.port", "serving.port"]);
        expect(
            keys({
                monitoring: { enabled: true },
                summary: { enabled: true },
                grafana: { image: "grafana/grafana:12.3.0" },
            }),
        ).to.deep.equal([
            "mlflow.port",
            "serving.port",
            "monitoring.port",
            "monitoring.alertmanagerPort",
            "grafana.port",
        ]);
    });

    it("puts a stack's own values over the environment's", () => {
        const { alerts, monitoring } = parseConfig({
            environment: "staging",
            monitoring: { enabled: false, port: 19090 },
            alerts: { slack: { channel: "#ours" }, drift: { score: 0.4 } },
        });
        expect(monitoring).to.include({ enabled: false, port: 19090, retention: "15d" });
        expect(alerts.slack.channel).to.equal("#ours");
        expect(alerts.drift).to.include({ score: 0.4, windows: 6, atLeast: 4 });
    });

    const refused: [string, Record<string, unknown>, string][] = [
        [
            "a port that is another's",
            { monitoring: { enabled: true, port: 8000 } },
            "monitoring.port: got 8000, which serving.port has; give each a port of its own",
        ],
        [
            "more windows than are looked at",
            { alerts: { drift: { windows: 3 } } },
            "alerts.drift.atLeast: got 4; must not exceed alerts.drift.windows, 3",
        ],
        [
            "retraining on drift that nobody sees",
            { retraining: { onDrift: true } },
            "retraining.onDrift: got true; it needs Prometheus, so set monitoring.enabled to true",
        ],
        [
            "a schedule that is none",
            { retraining: { schedule: "every day" } },
            'retraining.schedule: got every day; needs a cron expression of five fields, such as "0 3 * * 1"',
        ],
        [
            "serving by itself what nothing trains again",
            { retraining: { serve: true } },
            "retraining.serve: got true; nothing trains again, so set retraining.onDrift or retraining.schedule",
        ],
        [
            "Grafana without Prometheus",
            { grafana: { image: "grafana/grafana:12.3.0" } },
            "grafana.image: got grafana/grafana:12.3.0; it shows Prometheus, so set monitoring.enabled to true",
        ],
        [
            "an image without a tag",
            { summary: { image: "ollama/ollama" } },
            'summary.image: got ollama/ollama; needs an image with its tag, such as "ollama/ollama:0.12.6"',
        ],
        [
            "scrapes too far apart for a rate",
            { monitoring: { scrapeInterval: "1m" } },
            "monitoring.scrapeInterval: got 1m; at most 30s, for rates are taken over a minute",
        ],
        [
            "half of a mail server",
            { alerts: { email: { to: "a@b.c", from: "a@b.c", smarthost: "b.c" } } },
            'alerts.email.smarthost: got b.c; needs HOST:PORT of a mail server, such as "smtp.example.org:587"',
        ],
    ];
    for (const [what, values, problem] of refused) {
        it(`refuses ${what}`, () => {
            expect(problems({ environment: "dev", ...values })).to.deep.equal([problem]);
        });
    }
});
