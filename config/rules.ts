/** Rules across the fields of a stack's configuration. */
import type { Problem } from "./problems";
import { isRetrained, publishedObservers } from "./observability";
import { placementProblems } from "./registry/placement";
import { registryPorts, registryProblems } from "./registry/registry";
import type { StackConfig } from "./schema";
import { httpPortOf } from "./access/tls";
import { tlsProblems } from "./access/tlsRules";
import { parseBytes, parseSeconds } from "../common/units";

/** A port that a stack publishes, and the key that sets it. */
export interface PublishedPort {
    key: string;
    port: number;
}

/** Rates are taken over a minute, and a rate needs two samples. */
const LONGEST_SCRAPE_SECONDS = 30;

/** The problems by the rules of every environment. */
export function crossFieldProblems(config: StackConfig): Problem[] {
    return [
        ...portProblems(publishedPorts(config)),
        ...reservationProblems("mlflow", config),
        ...reservationProblems("serving", config),
        ...observabilityProblems(config),
        ...tlsProblems(config),
        ...backupProblems(config),
        ...registryProblems(config.registry),
        ...placementProblems(config),
    ];
}

/** The ports that a stack publishes, by the key that sets each. */
export function publishedPorts(config: StackConfig): PublishedPort[] {
    const httpPort = httpPortOf(config.tls);
    return [
        { key: "mlflow.port", port: config.mlflow.port },
        { key: "serving.port", port: config.serving.port },
        ...publishedObservers(config),
        ...(httpPort === undefined ? [] : [{ key: "tls.httpPort", port: httpPort }]),
        ...registryPorts(config.registry),
    ];
}

function portProblems(claims: PublishedPort[]): Problem[] {
    return claims.flatMap(({ key, port: wanted }, index) => {
        const first = claims.slice(0, index).find((claim) => claim.port === wanted);
        return first === undefined
            ? []
            : [
                  {
                      on: [key, first.key],
                      text: `${key}: got ${wanted}, which ${first.key} has; give each a port of its own`,
                  },
              ];
    });
}

function reservationProblems(part: "mlflow" | "serving", config: StackConfig): Problem[] {
    const { limits, reservations } = config[part];
    const exceeds = (reserved: number | undefined, limit: number | undefined) =>
        reserved !== undefined && limit !== undefined && reserved > limit;
    const bytes = (size: string | undefined) => (size === undefined ? undefined : parseBytes(size));
    const problem = (resource: "cpus" | "memory"): Problem => ({
        on: [`${part}.reservations.${resource}`, `${part}.limits.${resource}`],
        text:
            `${part}.reservations.${resource}: got ${reservations[resource]}; ` +
            `must not exceed ${part}.limits.${resource}, ${limits[resource]}`,
    });
    return [
        ...(exceeds(reservations.cpus, limits.cpus) ? [problem("cpus")] : []),
        ...(exceeds(bytes(reservations.memory), bytes(limits.memory)) ? [problem("memory")] : []),
    ];
}

function observabilityProblems({ monitoring, alerts, retraining, grafana }: StackConfig): Problem[] {
    const problems: Problem[] = [];
    const { windows, atLeast } = alerts.drift;
    if (atLeast > windows) {
        problems.push({
            on: ["alerts.drift.atLeast", "alerts.drift.windows"],
            text: `alerts.drift.atLeast: got ${atLeast}; must not exceed alerts.drift.windows, ${windows}`,
        });
    }
    if (retraining.onDrift && !monitoring.enabled) {
        problems.push({
            on: ["retraining.onDrift", "monitoring.enabled"],
            text: "retraining.onDrift: got true; it needs Prometheus, so set monitoring.enabled to true",
        });
    }
    if (retraining.serve && !isRetrained({ retraining })) {
        problems.push({
            on: ["retraining.serve", "retraining.onDrift", "retraining.schedule"],
            text: "retraining.serve: got true; nothing trains again, so set retraining.onDrift or retraining.schedule",
        });
    }
    if (grafana.image !== undefined && !monitoring.enabled) {
        problems.push({
            on: ["grafana.image", "monitoring.enabled"],
            text: `grafana.image: got ${grafana.image}; it shows Prometheus, so set monitoring.enabled to true`,
        });
    }
    if (parseSeconds(monitoring.scrapeInterval)! > LONGEST_SCRAPE_SECONDS) {
        problems.push({
            on: ["monitoring.scrapeInterval"],
            text: `monitoring.scrapeInterval: got ${monitoring.scrapeInterval}; at most ${LONGEST_SCRAPE_SECONDS}s, for rates are taken over a minute`,
        });
    }
    return problems;
}

function backupProblems({ backup: { folder, schedule } }: StackConfig): Problem[] {
    return folder === undefined || schedule !== undefined
        ? []
        : [
              {
                  on: ["backup.folder", "backup.schedule"],
                  text: `backup.folder: got ${folder}; it is for scheduled backups, so set backup.schedule, or take the folder away`,
              },
          ];
}
