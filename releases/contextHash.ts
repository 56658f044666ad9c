import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import ignore from "@balena/dockerignore";

import { mistake } from "../common/mistake";
import { KIT } from "./kit";

const TAG_LENGTH = 16;
const IGNORED = ".dockerignore";

/** A file or link of a build context: its name in there, and its place on this machine. */
export interface ContextFile {
    readonly name: string;
    readonly path: string;
}

/**
 * The identity of a build context: a hash over the sorted relative names, the executable bits and the bytes
 * of the files that .dockerignore lets through. The same content gives the same tag on every machine.
 *
 * @param folder the context's root
 * @param kit the kit's folder, if the context has the kit
 * @returns the first 16 hex digits of the SHA-256
 * @throws a mistake for a file that this user cannot read, or that no image can hold
 */
export function contextHash(folder: string, kit?: string): string {
    const hash = createHash("sha256");
    for (const { name, path } of filesOf(folder, kit)) {
        const stat = lstatSync(path);
        const content = stat.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readable(path);
        const kind = stat.isSymbolicLink() ? "link" : stat.mode & 0o100 ? "exec" : "file";
        hash.update(`${name}\0${kind}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex").slice(0, TAG_LENGTH);
}

/**
 * The files and links that a build sees. Each of both folders has its own .dockerignore, so a context with the kit has
 * neither: the rules of one folder would leave out files of the other one.
 */
export function filesOf(folder: string, kit?: string): ContextFile[] {
    const own = contextFiles(folder).map((name) => ({ name, path: join(folder, name) }));
    if (kit === undefined) {
        return own;
    }
    const shared = contextFiles(kit).map((name) => ({ name: `${KIT}/${name}`, path: join(kit, name) }));
    return [...own, ...shared]
        .filter(({ name }) => name !== IGNORED && name !== `${KIT}/${IGNORED}`)
        .sort(byLevels);
}

/** The order of `contextFiles`: a folder's entries are sorted by their own names. */
function byLevels(a: ContextFile, b: ContextFile): number {
    // No name has the character 0, which comes before every other one.
    return a.name.replaceAll("/", "\0") < b.name.replaceAll("/", "\0") ? -1 : 1;
}

/**
 * The relative names of the files and links that a build sees, sorted by code unit at each level.
 *
 * @throws a mistake for an entry that is no file, link or folder, and for a name that is no text
 */
export function contextFiles(folder: string): string[] {
    const ignoreFile = join(folder, IGNORED);
    const filter = ignore().add(existsSync(ignoreFile) ? readFileSync(ignoreFile, "utf8") : "");
    return filesUnder(folder, "", (path) => filter.ignores(path));
}

function filesUnder(root: string, prefix: string, ignored: (path: string) => boolean): string[] {
    return listed(join(root, prefix))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
            const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
            if (ignored(name)) {
                return [];
            }
            if (entry.isDirectory()) {
                return filesUnder(root, name, ignored);
            }
            if (!(entry.isFile() || entry.isSymbolicLink())) {
                throw mistake(`${join(root, name)}: it is neither a file nor a folder; remove it`);
            }
            // Bytes that are not UTF-8 were replaced, so no file has the resulting name.
            if (entry.name.includes("\uFFFD") && !existsSync(join(root, name))) {
                throw mistake(`${join(root, name)}: its name is not UTF-8; rename it`);
            }
            return [name];
        });
}

function listed(folder: string) {
    return read(folder, () => readdirSync(folder, { withFileTypes: true }));
}

function readable(path: string): Buffer {
    return read(path, () => readFileSync(path));
}

function read<T>(path: string, reading: () => T): T {
    try {
        return reading();
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EACCES") {
            throw mistake(
                `${path}: this user cannot read it, so no image can be made of it; run: chmod u+rX ${path}`,
            );
        }
        throw error;
    }
}
