import type { Observing } from "../../config/observability";
import { asYaml } from "../../common/json";
import { parseSeconds } from "../../common/units";
import { ACCESS_ROLE } from "../gateway/endpoint";
import { scrapePath, SCRAPES_PORT } from "../gateway/inside";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { PRESENT_NAMES } from "./rules/formerNames";
import type { RuleGroup } from "./rules/rule";

/** The path of the rules, beside the configuration. */
export const RULES_FILE = "/etc/prometheus/stack-rules.yml";
/** The path of the rules that record series under their old names. The file goes in 0.2.0. */
export const FORMER_NAMES_FILE = "/etc/prometheus/former-names-until-0.2.0.yml";
/** A target that takes longer counts as missing. */
const SCRAPE_TIMEOUT_SECONDS = 5;
/** Within this time, Prometheus notices a replica that came or went. */
const DNS_REFRESH = "5s";

export interface PrometheusConfigArgs {
    environment: string;
    stack: string;
    /** The name of the registered model. */
    model: string;
    monitoring: Observing["monitoring"];
    targets: ScrapeTarget[];
    /** `host:port` of Alertmanager. */
    alertmanager: string;
    /** Signs in for the targets in the registry's network. */
    login: { username: string; passwordFile: string };
}

/** Prometheus's configuration. */
export function renderPrometheus(args: PrometheusConfigArgs): string {
    const { scrapeInterval } = args.monitoring;
    const timeout = Math.min(SCRAPE_TIMEOUT_SECONDS, parseSeconds(scrapeInterval)!);
    return asYaml({
        global: {
            scrape_interval: scrapeInterval,
            scrape_timeout: `${timeout}s`,
            evaluation_interval: scrapeInterval,
            external_labels: { environment: args.environment, stack: args.stack },
        },
        rule_files: [RULES_FILE, FORMER_NAMES_FILE],
        alerting: { alertmanagers: [{ static_configs: [{ targets: [args.alertmanager] }] }] },
        scrape_configs: args.targets.map((target) => ({
            ...scrapeConfig(target, args.login),
            // Every series has this label, in whatever language a trainer is written.
            relabel_configs: [{ target_label: "model", replacement: args.model }],
            metric_relabel_configs: PRESENT_NAMES,
        })),
    });
}

function scrapeConfig(target: ScrapeTarget, login: PrometheusConfigArgs["login"]) {
    const { job, host, port, replicated, inside } = target;
    if (inside) {
        return {
            job_name: job,
            metrics_path: scrapePath(target),
            basic_auth: { username: login.username, password_file: login.passwordFile },
            // The series keep the name of the service that they describe.
            static_configs: [
                { targets: [`${ACCESS_ROLE}:${SCRAPES_PORT}`], labels: { instance: `${host}:${port}` } },
            ],
        };
    }
    // A service without replicas is asked by its name, because MLflow answers only to its name.
    return replicated
        ? {
              job_name: job,
              dns_sd_configs: [{ names: [host], type: "A", port, refresh_interval: DNS_REFRESH }],
          }
        : { job_name: job, static_configs: [{ targets: [`${host}:${port}`] }] };
}

/** Rules in the form of Prometheus's rule files. */
export function renderRules(groups: readonly RuleGroup[]): string {
    return asYaml({
        groups: groups.map(({ name, rules }) => ({
            name,
            rules: rules.map((rule) =>
                "record" in rule
                    ? { record: rule.record, expr: rule.expr }
                    : {
                          alert: rule.alert,
                          expr: rule.expr,
                          for: rule.for,
                          labels: { severity: rule.severity },
                          annotations: {
                              summary: rule.summary,
                              description: rule.description,
                              runbook: rule.runbook,
                          },
                      },
            ),
        })),
    });
}
