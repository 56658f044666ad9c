import { createHash } from "node:crypto";

import { mistake } from "../../common/mistake";
import { type DataFile, walk } from "./dataWalk";
import { shownPath } from "./pathText";

const SHOWN = 5;

/** The user who reads a data folder, in the engine's form: "10001:10001". */
export type Reader = string;

/**
 * Tells whether a data folder changed without reading its files: a hash over their names, sizes and times of
 * modification, at any depth. A survey is too large to be read at each preview. The trainer hashes the bytes.
 *
 * @param folder the folder that a container of the trainer sees as `mountedAt`
 * @throws a mistake that names each entry that the trainer would not see: one that it may
 * not read, a link that leads out of the folder, or an entry that is no file
 */
export function dataFingerprint(folder: string, mountedAt: string, reader: Reader): string {
    const { files, problems } = walk(folder, mountedAt, reader);
    if (problems.length === 0 && files.length === 0) {
        problems.push(`${shownPath(folder)}: it is empty; give the folder that holds the data to train on`);
    }
    if (problems.length > 0) {
        const more = problems.length - SHOWN;
        throw mistake(
            [
                `data.path: got ${folder}; the trainer would not see all of it, so nothing was changed`,
                ...problems.slice(0, SHOWN).map((problem) => `  ${problem}`),
                ...(more > 0 ? [`  and ${more} more`] : []),
            ].join("\n"),
        );
    }
    return hashOf(files);
}

/**
 * For a folder without subfolders, this hash must stay what it was before subfolders
 * counted. Another hash would train anew for nothing.
 */
function hashOf(files: readonly DataFile[]): string {
    const hash = createHash("sha256");
    for (const { name, said } of files) {
        hash.update(name).update(`\0${said.join("\0")}\0`);
    }
    return hash.digest("hex").slice(0, 16);
}
