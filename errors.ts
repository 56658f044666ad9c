import * as pulumi from "@pulumi/pulumi";

/**
 * A user's mistake: the message is all there is to say, so it is shown without
 * a stack trace.
 */
export function mistake(message: string): Error {
    return withoutStack(new pulumi.RunError(message));
}

/** A failure that belongs to a resource, on whose line it is shown, without a stack trace. */
export function failureOf(resource: pulumi.Resource, message: string): Error {
    return withoutStack(new pulumi.ResourceError(message, resource, true));
}

/**
 * Pulumi formats the stack even of an error whose stack it hides, and Node 20
 * takes seconds and gigabytes over frames such as "node_modules/@pulumi/resource.ts"
 * (util.inspect with colours, until the string is too long).
 */
function withoutStack<T extends Error>(error: T): T {
    error.stack = "";
    return error;
}
