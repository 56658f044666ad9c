import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Deployment, labels, LABELS_STAY } from "./deployment";

export interface EnvironmentNetworkArgs {
    deployment: Deployment;
}

/**
 * The network of one environment. Nothing of another environment reaches it. It is
 * attachable, so that one-shot containers can join it beside services.
 */
export class EnvironmentNetwork extends pulumi.ComponentResource {
    /** The network's id on the engine. */
    readonly id: pulumi.Output<string>;

    constructor(name: string, args: EnvironmentNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:EnvironmentNetwork", name, {}, opts);
        const network = new docker.Network(
            `${name}-overlay`,
            {
                name: args.deployment.prefix,
                driver: "overlay",
                attachable: true,
                labels: labels(args.deployment, "network"),
            },
            { parent: this, ...LABELS_STAY },
        );
        this.id = network.id;
        this.registerOutputs({ id: this.id });
    }
}
