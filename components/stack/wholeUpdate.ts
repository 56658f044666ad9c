import * as pulumi from "@pulumi/pulumi";

import { failureOf } from "../../common/failures";

/**
 * Refuses to go on when an update leaves out a resource on which everything later builds. Pulumi would
 * then hand over the old outputs, and the results would be recorded under the name of the new declaration.
 *
 * @param what the resource that was left out
 * @throws a failure of the resource, in a preview too, when `isDeclared` is false
 */
export function refusePartial(on: pulumi.Resource, what: string, isDeclared: boolean): void {
    if (!isDeclared) {
        throw failureOf(
            on,
            `this update leaves out ${what} (--target or --exclude), and it has changed; run pulumi up without them`,
        );
    }
}

/**
 * Refuses an update. A preview changes nothing, so there the problem is a warning.
 *
 * @throws the problem, in an update
 */
export async function refuseUpdate(problem: Error): Promise<void> {
    if (!pulumi.runtime.isDryRun()) {
        throw problem;
    }
    await pulumi.log.warn(problem.message);
}
