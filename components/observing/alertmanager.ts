import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import { publicUrl } from "../../config/access/access";
import type { Secrets } from "../../config/secrets";
import { renderAlertmanager, SLACK_FILE, SMTP_PASSWORD_FILE, WATCHDOG_FILE } from "./alertmanagerConfig";
import type { Deployment } from "../stack/deployment";
import { durableVolume } from "../service/durableVolume";
import { configFile, engineSecret, secretFile } from "../service/engineSecret";
import { externalUrl } from "./externalUrl";
import { Endpoint, singleEndpoint, SMALL_BODY } from "../gateway/endpoint";
import type { Login } from "../gateway/insiders";
import { type Permission, READING } from "../gateway/permission";
import { answersOn } from "../service/healthcheck";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { oneAtATime } from "../service/oneAtATime";
import { SwarmService } from "../service/swarmService";

export const ALERTMANAGER_ROLE = "alertmanager";
export const ALERTMANAGER_PORT = 9093;
const ROLE = ALERTMANAGER_ROLE;
const PORT = ALERTMANAGER_PORT;
const CONFIG_FILE = "/etc/alertmanager/stack.yml";
const DATA_FOLDER = "/alertmanager";

/** `host:port` inside the environment's network. */
export const ALERTMANAGER = `${ROLE}:${PORT}`;
/** Alertmanager's metrics about itself, above all about alerts that it could not deliver. */
export const ALERTMANAGER_TARGET: ScrapeTarget = { job: ROLE, host: ROLE, port: PORT };

export interface AlertmanagerArgs {
    deployment: Deployment;
    config: StackConfig;
    secrets: Secrets;
    network: pulumi.Input<string>;
    image: pulumi.Input<string>;
    /** Where alerts are posted that start a training; undefined when none do. */
    retraining: { url: string; login: Login } | undefined;
}

/** Alertmanager. Its sent messages and its silences are on a volume, so that nothing is sent twice. */
export class Alertmanager extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: AlertmanagerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Alertmanager", name, {}, opts);
        const { deployment, config, secrets } = args;
        const volume = durableVolume(`${name}-data`, deployment, ROLE, this);
        const files: [string, pulumi.Output<string> | undefined, string][] = [
            ["slack-webhook", secrets.slackWebhook, SLACK_FILE],
            ["smtp-password", secrets.smtpPassword, SMTP_PASSWORD_FILE],
            ["watchdog-url", secrets.watchdogUrl, WATCHDOG_FILE],
        ];
        const settings = renderAlertmanager({
            alerts: config.alerts,
            slack: secrets.slackWebhook !== undefined,
            smtpPassword: secrets.smtpPassword !== undefined,
            watchdog: secrets.watchdogUrl !== undefined,
            retraining: args.retraining && {
                url: args.retraining.url,
                username: args.retraining.login.user,
                passwordFile: args.retraining.login.password.target,
            },
        });
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: ROLE,
                network: args.network,
                image: args.image,
                user: "prometheus",
                command: [
                    "prometheus-alertmanager",
                    `--config.file=${CONFIG_FILE}`,
                    `--storage.path=${DATA_FOLDER}`,
                    `--web.listen-address=:${PORT}`,
                    ...externalUrl(
                        publicUrl(config.access, deployment.host, ROLE, config.monitoring.alertmanagerPort),
                    ),
                    // It is the only Alertmanager, so there is no cluster.
                    "--cluster.listen-address=",
                ],
                mounts: [{ kind: "volume", volume: volume.name, target: DATA_FOLDER }],
                secrets: [
                    ...files.flatMap(([role, text, target]) =>
                        text === undefined
                            ? []
                            : [secretFile(engineSecret(deployment, role, text, this), target)],
                    ),
                    ...(args.retraining === undefined ? [] : [args.retraining.login.password]),
                ],
                configs: [configFile(deployment, ROLE, settings, CONFIG_FILE, this)],
                ...oneAtATime(answersOn(PORT, "/-/ready")),
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/**
 * The roles for Alertmanager's paths. An alert that somebody posts can start a retraining.
 * Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
const ALERTMANAGER_ACCESS: readonly Permission[] = [
    { role: "admin", paths: ["/-/reload", "/debug/*"] },
    { role: "viewer", methods: READING, paths: ["/*"] },
    { role: "operator", methods: ["POST"], paths: ["/api/v2/silences", "/api/v2/alerts"] },
    { role: "operator", methods: ["DELETE"], paths: ["/api/v2/silence/{}"] },
];

/** Alertmanager's page and API on the gateway. */
export function alertmanagerEndpoint({ alertmanagerPort }: StackConfig["monitoring"]): Endpoint {
    return singleEndpoint(ROLE, alertmanagerPort, PORT, {
        check: "/-/ready",
        open: "/-/healthy",
        permissions: ALERTMANAGER_ACCESS,
        mostBytes: SMALL_BODY,
    });
}
