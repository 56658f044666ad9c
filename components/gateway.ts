import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { Deployment, labels } from "./deployment";
import { Endpoint, renderHaproxy, renderUsers } from "./haproxy";
import { SourceImage } from "./sourceImage";
import { SwarmService } from "./swarmService";

/** The gateway's physical role; what holds the published ports. */
export const GATEWAY_ROLE = "gateway";
const PASSWORD_LENGTH = 24;
const USERNAME = "seismic";
const CONFIG_FILE = "/etc/haproxy/stack.cfg";
const USERS_FILE = "/run/secrets/users.cfg";

export interface GatewayArgs {
    deployment: Deployment;
    network: pulumi.Input<string>;
    endpoints: Endpoint[];
}

/**
 * HAProxy, the one published service: credentials, health-checked balancing
 * over the engine's DNS, retries. Everything but the open path of an endpoint
 * asks for credentials, because the engine publishes on every interface.
 */
export class Gateway extends pulumi.ComponentResource {
    readonly service: SwarmService;
    readonly username: string = USERNAME;
    readonly password: pulumi.Output<string>;

    constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Gateway", name, {}, opts);
        const { deployment } = args;
        const image = new SourceImage(
            `${name}-image`,
            { context: "images/gateway", repository: "seismic-mlops/gateway" },
            { parent: this },
        );
        const password = new random.RandomPassword(
            `${name}-password`,
            { length: PASSWORD_LENGTH, special: false },
            { parent: this },
        );
        // Neither can be changed while in use: Pulumi names them, makes the new one first and swaps.
        const users = new docker.Secret(
            `${deployment.prefix}-users`,
            {
                data: password.result.apply((it) => base64(renderUsers(USERNAME, it))),
                labels: labels(deployment, "users"),
            },
            { parent: this },
        );
        const config = new docker.ServiceConfig(
            `${deployment.prefix}-haproxy`,
            { data: base64(renderHaproxy(args.endpoints)) },
            { parent: this },
        );
        const ports = args.endpoints.map(({ port }) => ({ published: port, target: port }));
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: GATEWAY_ROLE,
                network: args.network,
                image: image.reference,
                command: ["haproxy", "-W", "-db", "-f", USERS_FILE, "-f", CONFIG_FILE],
                secrets: [{ id: users.id, name: users.name, target: USERS_FILE }],
                configs: [{ id: config.id, name: config.name, target: CONFIG_FILE }],
                replicas: 1,
                // It listens: whether its upstreams are there is their own check.
                healthcheck: {
                    test: ["bash", "-c", `echo > /dev/tcp/127.0.0.1/${ports[0]!.target}`],
                    startSeconds: 10,
                },
                // Two tasks cannot hold one port of the host.
                order: "stop-first",
                ports,
            },
            { parent: this },
        );
        this.password = pulumi.secret(password.result);
        this.registerOutputs({ username: this.username });
    }
}

function base64(text: string): string {
    return Buffer.from(text, "utf8").toString("base64");
}
