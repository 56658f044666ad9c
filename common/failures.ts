import * as pulumi from "@pulumi/pulumi";

import { Mistake } from "./mistake";

/** Runs a program; Pulumi shows a person's mistake without a stack trace. */
export async function plainMistakes<T>(program: () => Promise<T>): Promise<T> {
    try {
        return await program();
    } catch (error) {
        throw error instanceof Mistake ? new pulumi.RunError(error.message) : error;
    }
}

/** A failure that belongs to a resource, on whose line it is shown, without a stack trace. */
export function failureOf(resource: pulumi.Resource, message: string): Error {
    const error = new pulumi.ResourceError(message, resource, true);
    // Pulumi formats the error, and would walk over everything that hangs on the resource.
    Object.defineProperty(error, "resource", { enumerable: false });
    return error;
}

/** The exit code by which a program tells Pulumi that its error has been shown. */
const ERROR_SHOWN = 32;

/**
 * Shows a failure on a resource's line and ends the program: what is under way
 * on the engine is brought to its end, and nothing new is begun.
 *
 * Not thrown: outputs that many others depend on make a mesh of promises, and V8
 * walks over each path through it to find who would catch the error (Pulumi keeps
 * its debugger enabled), which takes minutes and all memory.
 */
export async function endWith(resource: pulumi.Resource | undefined, message: string): Promise<never> {
    await pulumi.log.error(message, resource);
    process.exit(ERROR_SHOWN);
}

/**
 * Has V8 write stacks itself. Pulumi maps and formats the stack of every error
 * that nobody handled, even where it hides it; with Node 20 that takes a minute
 * and all memory over mapped frames such as "node_modules/@pulumi/resource.ts:1:2",
 * with no folder after the scope (util.inspect with colours never gets past them).
 * Nothing is lost: the loader keeps this project's lines where they are.
 */
export function plainStacks(): void {
    Reflect.deleteProperty(Error, "prepareStackTrace");
}
