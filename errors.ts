import * as pulumi from "@pulumi/pulumi";

/** A user's mistake: the message is all there is to say, so it is shown without a stack trace. */
export function mistake(message: string): Error {
    return new pulumi.RunError(message);
}

/** A failure that belongs to a resource, on whose line it is shown, without a stack trace. */
export function failureOf(resource: pulumi.Resource, message: string): Error {
    return new pulumi.ResourceError(message, resource, true);
}

/**
 * Takes the frames of libraries out of the stack of an error that nobody
 * handled, before Pulumi formats it. Pulumi does so with colours, even where it
 * hides the stack, and Node 20 never ends over a frame such as
 * "node_modules/@pulumi/resource.ts:1:2", with no folder after the scope: it takes 20 GB
 * and half a minute until the string is too long (util.inspect, markNodeModules).
 */
export function keepOwnFrames(): void {
    const trim = (error: unknown) => {
        if (error instanceof Error && error.stack !== undefined) {
            error.stack = ownFrames(error.stack);
        }
    };
    process.prependListener("unhandledRejection", trim);
    process.prependListener("uncaughtException", trim);
}

/** A stack without the frames that lie in node_modules. */
export function ownFrames(stack: string): string {
    return stack
        .split("\n")
        .filter((line) => !/^\s+at .*node_modules/.test(line))
        .join("\n");
}
