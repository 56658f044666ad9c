import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { Deployment } from "../stack/deployment";
import { configFile, engineSecret, secretFile } from "../service/engineSecret";
import { Endpoint, METRICS_PORT, renderHaproxy, renderUsers } from "./haproxy";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { platformImage } from "../image/sourceImage";
import { oneAtATime } from "../service/oneAtATime";
import { SwarmService } from "../service/swarmService";

/** The gateway's physical role. The gateway holds the published ports. */
export const GATEWAY_ROLE = "gateway";
const PASSWORD_LENGTH = 24;
const USERNAME = "seismic";
const CONFIG_FILE = "/etc/haproxy/stack.cfg";
const USERS_FILE = "/run/secrets/users.cfg";

/** The gateway's metrics: the users' requests and their answers. */
export const GATEWAY_TARGET: ScrapeTarget = { job: "gateway", host: GATEWAY_ROLE, port: METRICS_PORT };

export interface GatewayArgs {
    deployment: Deployment;
    network: pulumi.Input<string>;
    endpoints: Endpoint[];
}

/**
 * HAProxy, the only published service. It checks credentials, balances over healthy tasks by the engine's DNS, and
 * retries. Only the open path of an endpoint needs no credentials, because the engine publishes on every interface.
 */
export class Gateway extends pulumi.ComponentResource {
    readonly service: SwarmService;
    readonly username: string = USERNAME;
    readonly password: pulumi.Output<string>;

    constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Gateway", name, {}, opts);
        const { deployment } = args;
        const image = platformImage(`${name}-image`, "gateway", args.deployment, this);
        const password = new random.RandomPassword(
            `${name}-password`,
            { length: PASSWORD_LENGTH, special: false },
            { parent: this },
        );
        const text = password.result.apply((it) => renderUsers(USERNAME, it));
        const users = engineSecret(deployment, "users", text, this);
        const ports = args.endpoints.map(({ port }) => ({ published: port, target: port }));
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: GATEWAY_ROLE,
                network: args.network,
                image: image.reference,
                user: "haproxy",
                command: ["haproxy", "-W", "-db", "-f", USERS_FILE, "-f", CONFIG_FILE],
                secrets: [secretFile(users, USERS_FILE)],
                configs: [
                    configFile(deployment, "haproxy", renderHaproxy(args.endpoints), CONFIG_FILE, this),
                ],
                // The gateway only has to listen. It checks its upstreams itself.
                ...oneAtATime(["bash", "-c", `echo > /dev/tcp/127.0.0.1/${ports[0]!.target}`], 10),
                ports,
            },
            { parent: this },
        );
        this.password = pulumi.secret(password.result);
        this.registerOutputs({ username: this.username });
    }
}
