import { renameSync } from "node:fs";

/** Where source trees are kept, relative to the project: an absolute path of a build context would be a change on another machine. */
export const TREES = "node_modules/.cache/seismic-mlops/trees";

/** Puts a folder in its place. Another program may have made the same meanwhile: one of both stands, and they are alike. */
export function moveUnlessThere(made: string, folder: string): void {
    try {
        renameSync(made, folder);
    } catch (error) {
        if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) {
            throw error;
        }
    }
}
