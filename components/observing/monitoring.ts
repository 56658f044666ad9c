import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import { isRetrained } from "../../config/observability";
import type { Secrets } from "../../config/secrets";
import { BACKUP_TARGET } from "../backup/scheduledBackups";
import { Alertmanager, ALERTMANAGER, ALERTMANAGER_TARGET, alertmanagerEndpoint } from "./alertmanager";
import type { Deployment } from "../stack/deployment";
import { POSTGRES_TARGET, postgresExporter, volumeExporter, VOLUMES_TARGET } from "./exporters";
import { ACME_TARGET } from "../gateway/acme";
import { type Gateway, GATEWAY_TARGET } from "../gateway/gateway";
import type { Endpoint } from "../gateway/endpoint";
import { MLFLOW_TARGET, ModelRegistry } from "../registry/modelRegistry";
import { SERVING_TARGET } from "../serving/modelServing";
import { Prometheus, PROMETHEUS_TARGET, prometheusEndpoint } from "./prometheus";
import { ALERTS_URL, RETRAINING_TARGET } from "./retraining";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { platformImage } from "../image/sourceImage";
import { STATUS_TARGET } from "./statusPage";
import type { SwarmService } from "../service/swarmService";
import type { Networks } from "../stack/environmentNetwork";

export interface MonitoringArgs {
    deployment: Deployment;
    config: StackConfig;
    secrets: Secrets;
    networks: Networks;
    gateway: Gateway;
    registry: ModelRegistry;
    /** Known once there is something to watch. */
    after: pulumi.Output<unknown> | undefined;
}

/** Prometheus, Alertmanager, and exporters for services that have no metrics in Prometheus's form. */
export class Monitoring extends pulumi.ComponentResource {
    readonly services: { service: SwarmService }[];

    constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Monitoring", name, {}, opts);
        const { deployment, config, networks, gateway, registry } = args;
        if (deployment.environment === "prod" && tellsNobody(config, args.secrets)) {
            void pulumi.log.warn(NOBODY, this);
        }
        const built = platformImage(`${name}-image`, "monitoring", args.deployment, this).reference;
        const image = pulumi.all([built, args.after]).apply(([reference]) => reference);
        const shared = { deployment, network: networks.front, image };
        const prometheus = new Prometheus(
            "prometheus",
            {
                ...{ ...shared, config, targets: scrapeTargets(config), alertmanager: ALERTMANAGER },
                login: gateway.login("prometheus"),
                certificate: gateway.certificate,
            },
            { parent: this },
        );
        const alertmanager = new Alertmanager(
            "alertmanager",
            {
                ...{ ...shared, config, secrets: args.secrets },
                retraining: config.retraining.onDrift
                    ? { url: ALERTS_URL, login: gateway.login("alertmanager") }
                    : undefined,
            },
            { parent: this },
        );
        const volumes = { ...registry.volumes, ...prometheus.volumes };
        const exporters = [
            volumeExporter("volumes", { ...shared, volumes }, this),
            ...(registry.database
                ? [
                      postgresExporter(
                          "postgres-metrics",
                          { ...shared, network: networks.registry, database: registry.database },
                          this,
                      ),
                  ]
                : []),
        ];
        this.services = [prometheus, alertmanager, ...exporters.map((service) => ({ service }))];
        this.registerOutputs({});
    }
}

const NOBODY =
    "prod's alerts are told to nobody: set the secret slackWebhook, or alerts.email (docs/observability.md)";

function tellsNobody({ alerts }: StackConfig, { slackWebhook }: Secrets): boolean {
    return slackWebhook === undefined && alerts.email === undefined;
}

/** All services of a stack that have metrics. */
export function scrapeTargets(config: StackConfig): ScrapeTarget[] {
    return [
        SERVING_TARGET,
        GATEWAY_TARGET,
        MLFLOW_TARGET,
        ...(config.mlflow.backend === "postgres" ? [POSTGRES_TARGET] : []),
        ...(config.statusPage ? [STATUS_TARGET] : []),
        ...(isRetrained(config) ? [RETRAINING_TARGET] : []),
        ...(config.backup.schedule === undefined ? [] : [BACKUP_TARGET]),
        ...(config.tls.acme === undefined ? [] : [ACME_TARGET]),
        VOLUMES_TARGET,
        PROMETHEUS_TARGET,
        ALERTMANAGER_TARGET,
    ];
}

/** The endpoints of Prometheus and Alertmanager on the gateway; none without monitoring. */
export function monitoringEndpoints({ monitoring }: StackConfig): Endpoint[] {
    return monitoring.enabled ? [prometheusEndpoint(monitoring), alertmanagerEndpoint(monitoring)] : [];
}
