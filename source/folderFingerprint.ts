import { createHash } from "node:crypto";
import { constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Of a folder and its files, the first that others than its owner and group cannot read. */
export function firstUnreadable(folder: string): string | undefined {
    return isOpen(folder)
        ? readdirSync(folder)
              .map((name) => join(folder, name))
              .find((path) => !isOpen(path))
        : folder;
}

function isOpen(path: string): boolean {
    const stat = statSync(path);
    const needed = stat.isDirectory() ? constants.S_IROTH | constants.S_IXOTH : constants.S_IROTH;
    return (stat.mode & needed) === needed;
}

/**
 * Tells whether a folder's files changed without reading them: a hash over
 * their names, sizes and times of modification. A survey is too large to be
 * read at each preview; the trainer hashes its bytes.
 */
export function folderFingerprint(folder: string): string {
    const hash = createHash("sha256");
    for (const name of readdirSync(folder).sort()) {
        const { size, mtimeMs } = statSync(join(folder, name));
        hash.update(`${name}\0${size}\0${mtimeMs}\0`);
    }
    return hash.digest("hex").slice(0, 16);
}
