/** A series that Prometheus computes at each evaluation. */
export interface RecordingRule {
    record: string;
    expr: string;
}

export interface AlertingRule {
    alert: string;
    expr: string;
    /** How long the expression must hold before the alert is sent. */
    for: string;
    /** critical: users notice it; warning: they will notice it; info: somebody may want to act. */
    severity: "critical" | "warning" | "info";
    summary: string;
    description: string;
    /** The link to the runbook. */
    runbook: string;
}

export interface RuleGroup {
    name: string;
    rules: (RecordingRule | AlertingRule)[];
}
