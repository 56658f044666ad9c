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

import { contextFiles, contextHash } from "./contextHash";
import { moveUnlessThere, TREES } from "./trees";

const READ = 0o444;
const READ_EXECUTE = 0o555;
/** Any user in an image may read the files that the build was given. */
const OPEN_FILE = 0o644;
const OPEN_EXECUTABLE = 0o755;
const IGNORED = ".dockerignore";

/**
 * The folder from which to build an image. The image's user must be able to read the copied files, whatever
 * the umask of the person who cloned. The folder itself is used where everybody may read it, else a copy.
 *
 * @param context relative to the working directory
 * @returns also relative to the working directory
 */
export function buildContext(context: string): string {
    const files = contextFiles(context);
    if (isOpen(context) && files.every((name) => isOpenBelow(context, name))) {
        return context;
    }
    const copy = `${TREES}/${contextHash(context)}`;
    if (!existsSync(copy)) {
        const rules = existsSync(join(context, IGNORED)) ? [IGNORED] : [];
        copyOpen(context, new Set([...files, ...rules]), copy);
    }
    return copy;
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

function copyOpen(from: string, names: ReadonlySet<string>, to: string): void {
    mkdirSync(dirname(to), { recursive: true });
    const partial = mkdtempSync(`${to}.`);
    try {
        const made = join(partial, "context");
        for (const name of names) {
            const [source, target] = [join(from, name), join(made, name)];
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
