import * as pulumi from "@pulumi/pulumi";

/** A user's mistake: the message is all there is to say, so it is shown without a stack trace. */
export function mistake(message: string): Error {
    return safeToFormat(new pulumi.RunError(message));
}

/** A failure that belongs to a resource, on whose line it is shown, without a stack trace. */
export function failureOf(resource: pulumi.Resource, message: string): Error {
    return safeToFormat(new pulumi.ResourceError(message, resource, true));
}

/** Makes every error that nobody handles safe to format, before Pulumi does so. */
export function guardErrors(): void {
    const guard = (error: unknown) => {
        if (error instanceof Error) {
            safeToFormat(error);
        }
    };
    process.prependListener("unhandledRejection", guard);
    process.prependListener("uncaughtException", guard);
}

/**
 * Takes the frames of libraries out of an error's stack, and hides its resource
 * from formatting. Pulumi formats with colours, even where it hides the stack,
 * and Node 20 never ends over a frame such as "node_modules/@pulumi/resource.ts:1:2",
 * with no folder after the scope: it takes 20 GB and half a minute until the string is
 * too long (util.inspect, markNodeModules). A resource's outputs hold rejected
 * promises, and with them more such errors.
 */
export function safeToFormat<T extends Error>(error: T): T {
    if (error.stack !== undefined) {
        error.stack = ownFrames(error.stack);
    }
    if ("resource" in error) {
        Object.defineProperty(error, "resource", { enumerable: false });
    }
    return error;
}

/** A stack without the frames that lie in node_modules. */
function ownFrames(stack: string): string {
    return stack
        .split("\n")
        .filter((line) => !/^\s+at .*node_modules/.test(line))
        .join("\n");
}
