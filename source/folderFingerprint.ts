import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

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
