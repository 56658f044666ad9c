import { createHash } from "node:crypto";

import { mistake } from "../../common/mistake";
import { type DataFile, walk } from "./dataWalk";
import { shownPath } from "./pathText";

const SHOWN = 5;

/** Who reads a data folder, as the engine is told: "10001:10001". */
export type Reader = string;

/**
 * Tells whether a data folder changed without reading its files: a hash over
 * their names, sizes and times of modification, at any depth. A survey is too large to be
 * read at each preview; the trainer hashes its bytes.
 *
 * @param folder that a container of the trainer sees as `mountedAt`
 * @throws a mistake that names what the trainer would not see as it stands here: what it may not read,
 *   a link that leads out of the folder, what is no file
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

/** What it was of a folder without folders before they were looked into, so that nobody trains anew for nothing. */
function hashOf(files: readonly DataFile[]): string {
    const hash = createHash("sha256");
    for (const { name, said } of files) {
        hash.update(name).update(`\0${said.join("\0")}\0`);
    }
    return hash.digest("hex").slice(0, 16);
}
