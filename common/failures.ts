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

/** A failure of a resource. Pulumi shows the failure on the resource's line, without a stack trace. */
export function failureOf(resource: pulumi.Resource, message: string): Error {
    const error = new pulumi.ResourceError(message, resource, true);
    // Pulumi formats the error. It would walk over everything that hangs on an enumerable resource.
    Object.defineProperty(error, "resource", { enumerable: false });
    return error;
}

/** The exit code by which a program tells Pulumi that its error has been shown. */
const ERROR_SHOWN = 32;

/**
 * Shows a failure on a resource's line and ends the program. Pulumi finishes the
 * operations that are under way on the engine, and begins no new ones.
 *
 * The failure is not thrown. Outputs that many others depend on make a mesh of promises.
 * To find who would catch a thrown error, V8 walks over each path through this mesh
 * (Pulumi keeps its debugger enabled). That takes minutes and all memory.
 */
export async function endWith(resource: pulumi.Resource | undefined, message: string): Promise<never> {
    await pulumi.log.error(message, resource);
    process.exit(ERROR_SHOWN);
}

/**
 * Lets V8 write stacks itself. Pulumi maps and formats the stack of every unhandled error, even of an
 * error that Pulumi hides. With Node 20 that takes a minute and all memory if a mapped frame has no
 * folder after the scope, such as "node_modules/@pulumi/resource.ts:1:2": util.inspect with colours
 * never gets past such a frame. Nothing is lost: the loader keeps this project's lines where they are.
 */
export function plainStacks(): void {
    Reflect.deleteProperty(Error, "prepareStackTrace");
}
