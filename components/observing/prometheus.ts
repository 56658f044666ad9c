import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import { publicUrl } from "../../config/access/access";
import { parseBytes } from "../../common/units";
import { stackRules } from "./rules/alertRules";
import { FORMER_NAMES } from "./rules/formerNames";
import type { Deployment } from "../stack/deployment";
import { durableVolume } from "../service/durableVolume";
import { configFile } from "../service/engineSecret";
import { externalUrl } from "./externalUrl";
import { certificateEnd } from "../gateway/certificate";
import { Endpoint, singleEndpoint, SMALL_BODY } from "../gateway/endpoint";
import type { Login } from "../gateway/insiders";
import { type Permission, READING } from "../gateway/permission";
import { answersOn } from "../service/healthcheck";
import { FORMER_NAMES_FILE, renderPrometheus, renderRules, RULES_FILE } from "./prometheusConfig";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { oneAtATime } from "../service/oneAtATime";
import { SwarmService } from "../service/swarmService";

const ROLE = "prometheus";
const PORT = 9090;
const CONFIG_FILE = "/etc/prometheus/stack.yml";
const DATA_FOLDER = "/prometheus";

/** Prometheus's metrics about itself. */
export const PROMETHEUS_TARGET: ScrapeTarget = { job: ROLE, host: ROLE, port: PORT };

export interface PrometheusArgs {
    deployment: Deployment;
    config: StackConfig;
    network: pulumi.Input<string>;
    image: pulumi.Input<string>;
    targets: ScrapeTarget[];
    /** `host:port` of Alertmanager. */
    alertmanager: string;
    /** For the targets in the registry's network. */
    login: Login;
    /** The certificate of the published ports in PEM form; undefined without TLS, and if it comes from an ACME server. */
    certificate: pulumi.Output<string> | undefined;
}

/** Prometheus with the stack's targets and rules. Its samples are on a volume that outlives the stack. */
export class Prometheus extends pulumi.ComponentResource {
    readonly service: SwarmService;
    /** The volume with the samples, by its name. */
    readonly volumes: Record<string, pulumi.Output<string>>;

    constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Prometheus", name, {}, opts);
        const { deployment, config, targets } = args;
        const { monitoring } = config;
        const { environment, stack } = deployment;
        const volume = durableVolume(`${name}-data`, deployment, ROLE, this);
        this.volumes = { [ROLE]: volume.name };
        const settings = renderPrometheus({
            ...{ environment, stack, monitoring, targets, model: config.model.name },
            alertmanager: args.alertmanager,
            login: { username: args.login.user, passwordFile: args.login.password.target },
        });
        const rules = pulumi.output(args.certificate).apply((pem) => {
            const certificateEnds = pem === undefined ? undefined : certificateEnd(pem);
            return renderRules(stackRules({ ...config, targets, certificateEnds }));
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
                    "prometheus",
                    `--config.file=${CONFIG_FILE}`,
                    `--storage.tsdb.path=${DATA_FOLDER}`,
                    `--storage.tsdb.retention.time=${monitoring.retention}`,
                    `--storage.tsdb.retention.size=${parseBytes(monitoring.retentionSize)!}B`,
                    `--web.listen-address=:${PORT}`,
                    // Alerts link to this address.
                    ...externalUrl(publicUrl(config.access, deployment.host, ROLE, monitoring.port)),
                ],
                mounts: [{ kind: "volume", volume: volume.name, target: DATA_FOLDER }],
                secrets: [args.login.password],
                configs: [
                    configFile(deployment, ROLE, settings, CONFIG_FILE, this),
                    configFile(deployment, `${ROLE}-rules`, rules, RULES_FILE, this),
                    configFile(
                        deployment,
                        `${ROLE}-former`,
                        renderRules(FORMER_NAMES),
                        FORMER_NAMES_FILE,
                        this,
                    ),
                ],
                limits: monitoring.limits,
                ...oneAtATime(answersOn(PORT, "/-/ready")),
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/**
 * The roles for Prometheus's paths. A long query is a POST.
 * Source: https://prometheus.io/docs/prometheus/2.53/querying/api/
 */
const PROMETHEUS_ACCESS: readonly Permission[] = [
    { role: "admin", paths: ["/api/v1/admin/*", "/-/quit", "/-/reload", "/debug/*"] },
    { role: "viewer", methods: READING, paths: ["/*"] },
    {
        role: "viewer",
        methods: ["POST"],
        paths: [
            "query",
            "query_range",
            "query_exemplars",
            "series",
            "labels",
            "format_query",
            "parse_query",
        ].map((call) => `/api/v1/${call}`),
    },
];

/** Prometheus's page and API on the gateway. */
export function prometheusEndpoint({ port }: StackConfig["monitoring"]): Endpoint {
    return singleEndpoint(ROLE, port, PORT, {
        check: "/-/ready",
        open: "/-/healthy",
        permissions: PROMETHEUS_ACCESS,
        mostBytes: SMALL_BODY,
    });
}
