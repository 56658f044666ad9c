import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Deployment, labels } from "./deployment";

/**
 * A secret of the engine, which its tasks see as a file. It cannot be changed
 * while in use: Pulumi names it, makes the new one first and swaps.
 */
export function engineSecret(
    deployment: Deployment,
    role: string,
    text: pulumi.Output<string>,
    parent: pulumi.Resource,
): docker.Secret {
    return new docker.Secret(
        `${deployment.prefix}-${role}`,
        { data: text.apply(base64), labels: labels(deployment, role) },
        { parent },
    );
}

/** The form in which the engine takes the content of a secret or a config. */
export function base64(text: string): string {
    return Buffer.from(text, "utf8").toString("base64");
}
