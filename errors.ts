import * as pulumi from "@pulumi/pulumi";

/** A user's mistake: the message is all there is to say, so it is shown without a stack trace. */
export function mistake(message: string): Error {
    return new pulumi.RunError(message);
}

/** A failure that belongs to a resource, on whose line it is shown, without a stack trace. */
export function failureOf(resource: pulumi.Resource, message: string): Error {
    const error = new pulumi.ResourceError(message, resource, true);
    // Pulumi formats the error, and would walk over everything that hangs on the resource.
    Object.defineProperty(error, "resource", { enumerable: false });
    return error;
}

/**
 * Has stacks written plainly: the frames of this project, not mapped to their
 * sources. Pulumi maps and formats the stack of every error that nobody handled,
 * even where it hides it; with Node 20 that takes half a minute and
 * up to 20 GB over mapped frames such as "node_modules/@pulumi/resource.ts:1:2", with no
 * folder after the scope (util.inspect with colours never gets past them).
 */
export function plainStacks(): void {
    Error.prepareStackTrace = (error, frames) =>
        [
            String(error),
            ...frames
                .map((frame) => `    at ${String(frame)}`)
                .filter((line) => !/node_modules|node:internal/.test(line)),
        ].join("\n");
}
