import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Deployment, labels, LABELS_STAY } from "../stack/deployment";
import type { MountedFile } from "./mounts";

/**
 * A secret of the engine, which tasks see as a file. A secret in use cannot be changed, so
 * Pulumi chooses its name, makes the new one first and then swaps them.
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
        { parent, ...LABELS_STAY },
    );
}

/** A secret as a file that a task sees at a path. */
export function secretFile(secret: docker.Secret, target: string): MountedFile {
    return { id: secret.id, name: secret.name, target };
}

/** A configuration file that a task sees at a path. It is swapped like a secret. */
export function configFile(
    { prefix }: Deployment,
    role: string,
    text: pulumi.Input<string>,
    target: string,
    parent: pulumi.Resource,
): MountedFile {
    const config = new docker.ServiceConfig(
        `${prefix}-${role}`,
        { data: pulumi.output(text).apply(base64) },
        { parent },
    );
    return { id: config.id, name: config.name, target };
}

/** The form in which the engine takes the content of a secret or a config. */
export function base64(text: string): string {
    return Buffer.from(text, "utf8").toString("base64");
}
