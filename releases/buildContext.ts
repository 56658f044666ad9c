import {
    chmodSync,
    copyFileSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readlinkSync,
    rmSync,
    symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { type ContextFile, contextFiles, contextHash, filesOf } from "./contextHash";
import { moveUnlessThere, noteUseOf, TREES } from "./trees";

const READ = 0o444;
const READ_EXECUTE = 0o555;
/** Any user in an image may read the files that the build was given. */
const OPEN_FILE = 0o644;
const OPEN_EXECUTABLE = 0o755;
const IGNORED = ".dockerignore";

/**
 * The folder from which to build an image. The image's user must be able to read the copied files, whatever
 * the umask of the person who cloned. The folder itself is used where everybody may read it, else a copy. With the kit
 * it is a copy too, because the Engine API takes one folder for a build.
 *
 * @param context relative to the working directory
 * @param kit the kit's folder, if the context has the kit
 * @returns also relative to the working directory
 */
export function buildContext(context: string, kit?: string): string {
    if (kit === undefined && isOpenThroughout(context)) {
        return context;
    }
    const copy = `${TREES}/${contextHash(context, kit)}`;
    if (existsSync(copy)) {
        noteUseOf(copy);
    } else {
        const files = filesOf(context, kit);
        copyOpen(kit === undefined ? withRules(context, files) : files, copy);
    }
    return copy;
}

/** The files, and the rules that chose them. The rules may leave out their own file. */
function withRules(context: string, files: readonly ContextFile[]): ContextFile[] {
    const path = join(context, IGNORED);
    const missing = existsSync(path) && files.every(({ name }) => name !== IGNORED);
    return missing ? [...files, { name: IGNORED, path }] : [...files];
}

function isOpenThroughout(context: string): boolean {
    return isOpen(context) && contextFiles(context).every((name) => isOpenBelow(context, name));
}

function isOpenBelow(root: string, name: string): boolean {
    return name
        .split("/")
        .map((_, index, parts) => join(root, ...parts.slice(0, index + 1)))
        .every(isOpen);
}

function isOpen(path: string): boolean {
    const stat = lstatSync(path);
    const wanted = stat.isDirectory() || stat.mode & 0o100 ? READ_EXECUTE : READ;
    return stat.isSymbolicLink() || (stat.mode & wanted) === wanted;
}

function copyOpen(files: readonly ContextFile[], to: string): void {
    mkdirSync(dirname(to), { recursive: true });
    const partial = mkdtempSync(`${to}.`);
    try {
        const made = join(partial, "context");
        for (const { name, path: source } of files) {
            const target = join(made, name);
            mkdirSync(dirname(target), { recursive: true });
            if (lstatSync(source).isSymbolicLink()) {
                symlinkSync(readlinkSync(source), target);
            } else {
                copyFileSync(source, target);
            }
        }
        openModes(made);
        moveUnlessThere(made, to);
    } finally {
        rmSync(partial, { recursive: true, force: true });
    }
}

/** Lets everybody read a folder and everything below it, and run the files that the owner may run. */
export function openModes(path: string): void {
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) {
        return;
    }
    chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? OPEN_EXECUTABLE : OPEN_FILE);
    if (stat.isDirectory()) {
        readdirSync(path).forEach((name) => openModes(join(path, name)));
    }
}
