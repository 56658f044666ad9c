import type * as pulumi from "@pulumi/pulumi";

import { failureOf } from "../../common/failures";

/**
 * Refuses to go on where an update leaves out what everything after it builds on: Pulumi then hands over
 * the outputs of before, and what is made of them would be recorded under the name of what is declared now.
 *
 * @param what was left out
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
