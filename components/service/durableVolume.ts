import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Deployment, labels } from "../stack/deployment";

/**
 * A volume whose content outlives the resource: destroying the stack keeps the volume, and the next
 * `up` finds it under the same name. In prod the volume is also protected: Pulumi refuses to remove it.
 */
export function durableVolume(
    name: string,
    deployment: Deployment,
    role: string,
    parent: pulumi.Resource,
): docker.Volume {
    return new docker.Volume(
        name,
        { name: `${deployment.prefix}-${role}`, labels: labels(deployment, role) },
        // Pulumi would delete a volume with other labels or options, and then make it anew.
        {
            parent,
            retainOnDelete: true,
            protect: deployment.environment === "prod",
            ignoreChanges: ["labels", "driverOpts"],
        },
    );
}
