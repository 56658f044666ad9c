import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../../cli/local/paths";
import { stackRules } from "../../../../components/observing/rules/alertRules";
import { renderDashboard } from "../../../../components/observing/grafanaFiles";
import { scrapeTargets } from "../../../../components/observing/monitoring";
import { parseConfig } from "../../../../config/parse";
import contract from "../../../../contract/trainer.schema.json";
import { metricsIn } from "../../../support/observing/promql";

interface Panel {
    id: number;
    gridPos: { x: number; y: number };
    targets: { expr: string }[];
}

/** Metrics of programs that are not ours: HAProxy, node exporter, PostgreSQL's exporter, Alertmanager, Prometheus. */
const OTHERS = /^(haproxy|node|pg|alertmanager)_|^up$/;

/** Ends the names of a histogram's series. */
const SERIES = /_(bucket|count|sum)$/;

describe("what Prometheus is asked for", () => {
    const config = parseConfig({ environment: "staging", retraining: { onDrift: true } });
    const rules = stackRules({ ...config, targets: scrapeTargets(config) }).flatMap((group) => group.rules);
    const recorded = rules.flatMap((rule) => ("record" in rule ? [rule.record] : []));
    const { title, panels } = JSON.parse(renderDashboard("prod", "Classifier")) as {
        title: string;
        panels: Panel[];
    };
    const ofRules = rules.flatMap(({ expr }) => metricsIn(expr));
    const ofDashboard = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));

    it("is read by Prometheus' own grammar, which names what it cannot read", () => {
        expect(metricsIn('count(max_over_time(up{job="a"}[20s]) == 1) or sum by (b) (c)')).to.deep.equal([
            "up",
            "c",
        ]);
        for (const [broken, where] of [
            ["sum(", ""],
            ["a b", "b"],
            ["rate(a[5q])", "q])"],
        ]) {
            expect(() => metricsIn(broken!)).to.throw(`${broken}: no PromQL at "${where}"`);
        }
    });

    it("is recorded, told by a trainer as the contract has it, or told by another program's metrics that alerts use", () => {
        const asked = [...new Set([...ofRules, ...ofDashboard])].filter((name) => !recorded.includes(name));
        const ours = asked.filter((name) => !OTHERS.test(name)).map((name) => name.replace(SERIES, ""));
        // The trainers' tests hold their processes to the contract; what is asked for is all of it.
        expect([...new Set(ours)]).to.have.members(Object.keys(contract.$defs.metricNames.properties));
        const others = ofRules.filter((name) => OTHERS.test(name));
        expect(others).to.include.members(ofDashboard.filter((name) => OTHERS.test(name)));
        expect(recorded).to.include.members(
            [...ofRules, ...ofDashboard].filter((name) => name.includes(":")),
        );
    });

    it("is told by the service of scheduled backups, whose metrics no trainer has", () => {
        const scheduled = parseConfig({ environment: "staging", backup: { schedule: "0 3 * * *" } });
        const groups = stackRules({ ...scheduled, targets: scrapeTargets(scheduled) });
        const asked = groups
            .filter(({ name }) => name === "backup")
            .flatMap(({ rules: all }) => all.flatMap(({ expr }) => metricsIn(expr)));
        expect(asked).to.include("process_start_time_seconds").and.have.length.above(3);
        const told = readFileSync(join(CHECKOUT, "images", "backup", "backup", "metrics.py"), "utf8");
        for (const name of asked.filter((it) => it.startsWith("backup_"))) {
            expect(told).to.contain(`"${name.replace(/^backup_/, "")}"`);
        }
        expect(scrapeTargets(scheduled).map(({ job }) => job)).to.include("backup");
    });

    it("is told by the service that gets a certificate, whose metrics no trainer has", () => {
        const tls = { acme: "ops@example.org", hosts: ["ml.example.org"] };
        const secured = parseConfig({ environment: "staging", tls });
        const asked = stackRules({ ...secured, targets: scrapeTargets(secured) })
            .filter(({ name }) => name === "certificate")
            .flatMap(({ rules: all }) => all.flatMap(({ expr }) => metricsIn(expr)));
        expect(asked).to.have.length.above(2);
        const told = readFileSync(join(CHECKOUT, "images", "acme", "acme", "metrics.py"), "utf8");
        for (const name of asked) {
            expect(told).to.contain(`"${name.replace(/^certificate_/, "")}"`);
        }
        expect(scrapeTargets(secured).map(({ job }) => job)).to.include("acme");
    });

    it("is drawn by Grafana in panels that do not overlap", () => {
        expect(title).to.equal("Classifier, prod");
        expect(ofDashboard).to.have.length.above(10);
        expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x},${y}`)).size).to.equal(panels.length);
    });
});
