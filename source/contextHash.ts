import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import ignore from "@balena/dockerignore";

const TAG_LENGTH = 16;

/**
 * The identity of a build context: a hash over the sorted relative names,
 * executable bits and bytes of the files that .dockerignore lets through.
 * The same content gives the same tag on every machine.
 *
 * @param folder the context's root
 * @returns the first 16 hex digits of the SHA-256
 */
export function contextHash(folder: string): string {
    const ignoreFile = join(folder, ".dockerignore");
    const filter = ignore().add(existsSync(ignoreFile) ? readFileSync(ignoreFile, "utf8") : "");
    const hash = createHash("sha256");
    for (const name of filesUnder(folder, "", (path) => filter.ignores(path))) {
        const path = join(folder, name);
        const stat = lstatSync(path);
        const content = stat.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readFileSync(path);
        const kind = stat.isSymbolicLink() ? "link" : stat.mode & 0o100 ? "exec" : "file";
        hash.update(`${name}\0${kind}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex").slice(0, TAG_LENGTH);
}

/** Relative names of the files under a folder, sorted by code unit at each level. */
function filesUnder(root: string, prefix: string, ignored: (path: string) => boolean): string[] {
    return readdirSync(join(root, prefix), { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
            const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
            if (ignored(name)) {
                return [];
            }
            return entry.isDirectory() ? filesUnder(root, name, ignored) : [name];
        });
}
