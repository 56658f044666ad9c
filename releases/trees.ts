import { renameSync, utimesSync } from "node:fs";

/**
 * The folder of the source trees, relative to the project. An absolute path of a build
 * context would be a change on another machine.
 */
export const TREES = "node_modules/.cache/seismic-mlops/trees";

/**
 * Moves a folder to its place. If another program has made the same folder meanwhile, that one stays: both are alike.
 */
export function moveUnlessThere(made: string, folder: string): void {
    try {
        renameSync(made, folder);
    } catch (error) {
        if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) {
            throw error;
        }
    }
}

/** Notes on a tree that it is in use now, so that nobody removes it as unused. */
export function noteUseOf(folder: string): void {
    const now = new Date();
    utimesSync(folder, now, now);
}
