import type { StackConfig } from "../../../config/schema";
import type { ScrapeTarget } from "../../service/scrapeTarget";
import type { AlertingRule } from "./rule";

/** The parts of a stack that its alerts depend on. */
export type RuleArgs = Pick<
    StackConfig,
    "alerts" | "backup" | "monitoring" | "serving" | "statusPage" | "retraining" | "tls"
> & {
    targets: ScrapeTarget[];
    /** When a certificate ends that comes from no ACME server, in seconds since the epoch; undefined without one. */
    certificateEnds?: number | undefined;
};

/** An alert without the link to the runbook, which is added to every alert in the same way. */
export type Alert = Omit<AlertingRule, "runbook">;
