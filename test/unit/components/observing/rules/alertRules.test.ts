import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { CHECKOUT } from "../../../../../cli/local/paths";
import { scrapeTargets } from "../../../../../components/observing/monitoring";
import { renderRules } from "../../../../../components/observing/prometheusConfig";
import { stackRules } from "../../../../../components/observing/rules/alertRules";
import type { AlertingRule } from "../../../../../components/observing/rules/rule";
import { parseConfig } from "../../../../../config/parse";

const config = parseConfig({ environment: "staging", retraining: { onDrift: true } });

const ACME = { acme: "ops@example.org", hosts: ["ml.example.org"] };

describe("the alerting rules", () => {
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
