import { expect } from "chai";

import { stackRules } from "../../../../../components/observing/rules/alertRules";
import { FORMER_NAMES, PRESENT_NAMES } from "../../../../../components/observing/rules/formerNames";
import type { RecordingRule } from "../../../../../components/observing/rules/rule";
import { scrapeTargets } from "../../../../../components/observing/monitoring";
import { parseConfig } from "../../../../../config/parse";
import contract from "../../../../../contract/trainer.schema.json";
import { metricsIn } from "../../../../support/observing/promql";

/**
 * The name that Prometheus stores: each rule in turn replaces a name that its expression matches from beginning to end.
 * https://prometheus.io/docs/prometheus/2.53/configuration/configuration/#relabel_config
 */
function stored(told: string): string {
    return PRESENT_NAMES.reduce((name, { source_labels, regex, target_label, replacement }) => {
        expect([...source_labels, target_label]).to.deep.equal(["__name__", "__name__"]);
        return name.replace(new RegExp(`^(?:${regex})$`), replacement);
    }, told);
}

describe("the names of metrics before 0.1.0", () => {
    const records = FORMER_NAMES.flatMap(({ rules }) => rules as RecordingRule[]);
    const scraped = records.filter(({ record }) => !record.includes(":"));
    const recorded = new Map(records.map(({ record, expr }) => [record, expr]));

    for (const [was, is] of [
        ["seismic_predictions_total", "model_predictions_total"],
        ["seismic_prediction_latency_seconds_bucket", "model_prediction_latency_seconds_bucket"],
        ["seismic_model_info", "model_info"],
        ["seismic_model_f1_macro", "model_f1_macro"],
        ["seismic_model_call_traces_sum", "model_call_rows_sum"],
        ["seismic_input_traces_total", "model_input_rows_total"],
        ["seismic_request_errors_total", "model_request_errors_total"],
        ["seismic_requests_in_flight", "model_requests_in_flight"],
        ["seismic_drift_window_traces", "model_drift_window_rows"],
        ["seismic_drift_evaluation_seconds_count", "model_drift_evaluation_seconds_count"],
        ["seismic_feature_drift_psi", "model_feature_drift_psi"],
        ["seismic_mlflow_up", "mlflow_up"],
        ["seismic_last_run_timestamp_seconds", "training_last_run_timestamp_seconds"],
        ["seismic_last_gate_refused", "training_last_gate_refused"],
        ["seismic_candidate_waiting", "registry_candidate_waiting"],
        ["seismic_replicas_answering", "serving_replicas_answering"],
        ["seismic_retraining_last_outcome", "retraining_last_outcome"],
        ["seismic_backup_last_attempt_failed", "backup_last_attempt_failed"],
        ["seismic_acme_expiry_timestamp_seconds", "certificate_expiry_timestamp_seconds"],
    ] as const) {
        it(`are taken and recorded: ${was}`, () => {
            expect(stored(was)).to.equal(is);
            expect(recorded.get(was)).to.equal(is);
        });
    }

    it("are those of every metric that the contract has, a histogram's series among them", () => {
        const told = Object.entries(contract.$defs.metricNames.properties).flatMap(
            ([name, { description }]) =>
                description.startsWith("a histogram")
                    ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`)
                    : [name],
        );
        expect(told).to.have.length.above(16);
        expect(scraped.map(({ expr }) => expr)).to.include.members(told);
    });

    it("are those of everything that a stack records", () => {
        const config = parseConfig({ environment: "staging" });
        const present = stackRules({ ...config, targets: scrapeTargets(config) })
            .flatMap(({ rules }) => rules)
            .flatMap((rule) => ("record" in rule ? [rule.record] : []));
        const former = records.filter(({ record }) => record.includes(":"));
        expect(former.map(({ expr }) => expr)).to.have.members(present);
        for (const { record, expr } of former) {
            expect(record).to.equal(expr.replace("model:", "seismic:"));
        }
    });

    it("lead to the present name at once, and neither back nor to one name from two", () => {
        expect(new Set(recorded.keys()).size).to.equal(records.length);
        expect(new Set(recorded.values()).size).to.equal(records.length);
        for (const { record, expr } of records) {
            expect(metricsIn(expr)).to.deep.equal([expr]);
            expect(recorded.has(expr), expr).to.equal(false);
            expect(stored(expr)).to.equal(expr);
            // A series that Prometheus records is not scraped, so its two names never meet.
            expect(stored(record)).to.equal(record.includes(":") ? record : expr);
        }
    });

    for (const own of ["seismic_trace_noise", "seismic_model_f1_macro_smoothed", "my_seismic_model_info"]) {
        it(`leave a trainer's own metric alone: ${own}`, () => {
            expect(stored(own)).to.equal(own);
            expect(recorded.has(own)).to.equal(false);
        });
    }
});
