import { closeSync, lstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

import { mistake } from "../common/mistake";
import { contextFiles } from "./contextHash";

/** For each kind of stand-in: how it begins, and how to get the file itself. */
const STAND_INS: readonly { begins: Buffer; what: string; remedy: string }[] = [
    {
        begins: Buffer.from("version https://git-lfs.github.com/spec/"),
        what: "a pointer of Git LFS",
        remedy: "install git-lfs and run: git lfs install && git lfs pull",
    },
    {
        begins: Buffer.from("\0GITCRYPT\0", "latin1"),
        what: "encrypted by git-crypt",
        remedy: "run: git-crypt unlock",
    },
];
const LONGEST = Math.max(...STAND_INS.map(({ begins }) => begins.length));

/**
 * Refuses a trainer with a stand-in in the place of a file, because the image would get the stand-in.
 *
 * @param folder the trainer's files, in the working tree or exported
 * @param path the trainer's path for messages
 */
export function refuseStandIns(folder: string, path: string): void {
    for (const name of contextFiles(folder)) {
        const file = join(folder, name);
        const found = lstatSync(file).isFile() ? standIn(file) : undefined;
        if (found !== undefined) {
            throw mistake(
                `${path}/${name}: it is ${found.what}, not the file itself, and the image would have no more; ${found.remedy}`,
            );
        }
    }
}

function standIn(file: string): (typeof STAND_INS)[number] | undefined {
    const start = Buffer.alloc(LONGEST);
    const handle = openSync(file, "r");
    try {
        readSync(handle, start, 0, LONGEST, 0);
    } finally {
        closeSync(handle);
    }
    return STAND_INS.find(({ begins }) => start.subarray(0, begins.length).equals(begins));
}
