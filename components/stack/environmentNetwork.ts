import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Deployment, labels, LABELS_STAY } from "./deployment";

export interface EnvironmentNetworksArgs {
    deployment: Deployment;
}

/** The ids of a stack's two networks. */
export interface Networks {
    /** For what answers users: gateway, serving, status page, and what watches them. */
    front: pulumi.Input<string>;
    /** For MLflow, its database, and what writes to them: training and retraining. */
    registry: pulumi.Input<string>;
}

/**
 * The two networks of one environment. Nothing of another environment reaches them. The tasks behind the gateway's
 * front are the only ones on both, so what answers users reaches the registry through them and by no other way.
 */
export class EnvironmentNetworks extends pulumi.ComponentResource implements Networks {
    readonly front: pulumi.Output<string>;
    readonly registry: pulumi.Output<string>;

    constructor(name: string, args: EnvironmentNetworksArgs, opts?: pulumi.ComponentResourceOptions) {
        // The type and the first name stay as they were, because another network would be an outage.
        super("seismic:platform:EnvironmentNetwork", name, {}, opts);
        const { deployment } = args;
        this.front = this.overlay(`${name}-overlay`, deployment, deployment.prefix, "network");
        this.registry = this.overlay(
            `${name}-registry`,
            deployment,
            registryNetwork(deployment.prefix),
            "registry-network",
        );
        this.registerOutputs({ front: this.front, registry: this.registry });
    }

    /** A network that single containers can join beside services. */
    private overlay(resource: string, deployment: Deployment, name: string, role: string) {
        return new docker.Network(
            resource,
            { name, driver: "overlay", attachable: true, labels: labels(deployment, role) },
            { parent: this, ...LABELS_STAY },
        ).id;
    }
}

/** The physical name of a stack's network for its registry. */
export function registryNetwork(prefix: string): string {
    return `${prefix}-registry`;
}
