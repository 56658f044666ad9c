import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Deployment, labels } from "../stack/deployment";

/**
 * A volume whose content outlives the resource: destroying the stack keeps it,
 * and the next `up` finds it again under the same name. In prod it is protected
 * besides: Pulumi refuses to let go of it.
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
        // A volume whose labels or options differ would be deleted before it is made anew.
        {
            parent,
            retainOnDelete: true,
            protect: deployment.environment === "prod",
            ignoreChanges: ["labels", "driverOpts"],
        },
    );
}
