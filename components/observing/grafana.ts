import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import type { Deployment } from "../stack/deployment";
import { configFile } from "../service/engineSecret";
import { GRAFANA_PATHS, renderDashboard, renderDataSource, renderProvider } from "./grafanaFiles";
import { Endpoint, singleEndpoint } from "../gateway/endpoint";
import { type Permission } from "../gateway/permission";
import { PROMETHEUS_TARGET } from "./prometheus";
import { inMemory } from "../service/mounts";
import { oneAtATime } from "../service/oneAtATime";
import { SwarmService } from "../service/swarmService";

const ROLE = "grafana";
const PORT = 3000;
/** Grafana's user in its images. */
const USER = "472";

export interface GrafanaArgs {
    deployment: Deployment;
    image: string;
    /** The name of the registered model. */
    model: string;
    network: pulumi.Input<string>;
}

/** Grafana with its data source and dashboard as code. It stores nothing, so it has no volume. */
export class Grafana extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Grafana", name, {}, opts);
        const { deployment } = args;
        const prometheus = `http://${PROMETHEUS_TARGET.host}:${PROMETHEUS_TARGET.port}`;
        const file = (role: keyof typeof GRAFANA_PATHS, text: string) =>
            configFile(deployment, `${ROLE}-${role}`, text, GRAFANA_PATHS[role], this);
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: ROLE,
                network: args.network,
                image: args.image,
                user: USER,
                command: ["/run.sh"],
                env: {
                    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
                    GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
                    GF_ANALYTICS_REPORTING_ENABLED: "false",
                    // The gateway has already asked for credentials. In Grafana nobody signs in, and nobody
                    // changes anything.
                    GF_AUTH_ANONYMOUS_ENABLED: "true",
                    GF_AUTH_BASIC_ENABLED: "false",
                    GF_AUTH_DISABLE_LOGIN_FORM: "true",
                    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: GRAFANA_PATHS.dashboard,
                    GF_NEWS_NEWS_FEED_ENABLED: "false",
                    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
                },
                // Its database of sessions and the like, and its own log.
                mounts: [inMemory("/var/lib/grafana", "256m"), inMemory("/var/log/grafana")],
                configs: [
                    file("dataSource", renderDataSource(prometheus)),
                    file("provider", renderProvider()),
                    file("dashboard", renderDashboard(deployment.stack, args.model)),
                ],
                ...oneAtATime(["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PORT}/api/health`]),
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/** In Grafana nobody signs in, and nobody can change anything. */
const GRAFANA_ACCESS: readonly Permission[] = [{ role: "viewer", paths: ["/*"] }];

/** Grafana's endpoint on the gateway; none without Grafana. */
export function grafanaEndpoints({ grafana }: StackConfig): Endpoint[] {
    return grafana.image === undefined
        ? []
        : [singleEndpoint(ROLE, grafana.port, PORT, { check: "/api/health", permissions: GRAFANA_ACCESS })];
}
