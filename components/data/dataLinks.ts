import { lstatSync, readlinkSync, statSync } from "node:fs";

/** Where a link of a folder leads, as a container sees it that has that folder and nothing else. */
export type Leads =
    | {
          kind: "inside";
          /** Below the folder. */
          target: Buffer;
      }
    | {
          kind: "outside" | "nothing" | "loop";
          /** What is written in the link. */
          says: Buffer;
      };

/** As many as Linux follows. */
const MOST = 40;
const SLASH = "/";

/**
 * Follows a link step by step.
 *
 * @param root the folder on this machine
 * @param mountedAt where the container sees it
 * @param name the link, below the folder
 */
export function whereTo(root: string, mountedAt: string, name: Buffer): Leads {
    const says = readlinkSync(at(root, text(name)), { encoding: "buffer" });
    // Bytes as Latin-1: each is a character, and none is lost.
    const open = text(name).split(SLASH);
    const done: string[] = [];
    let followed = 0;
    while (open.length > 0) {
        const part = open.shift()!;
        if (part === "" || part === ".") {
            continue;
        }
        if (part === "..") {
            if (done.pop() === undefined) {
                return { kind: outside(root, name), says };
            }
            continue;
        }
        done.push(part);
        const path = at(root, done.join(SLASH));
        const stat = lstatSync(path, { throwIfNoEntry: false });
        if (stat === undefined) {
            return { kind: "nothing", says };
        }
        if (!stat.isSymbolicLink()) {
            continue;
        }
        if (++followed > MOST) {
            return { kind: "loop", says };
        }
        done.pop();
        const target = text(readlinkSync(path, { encoding: "buffer" }));
        if (!target.startsWith(SLASH)) {
            open.unshift(...target.split(SLASH));
        } else if (`${target}/`.startsWith(`${mountedAt}/`)) {
            done.length = 0;
            open.unshift(...target.slice(mountedAt.length).split(SLASH));
        } else {
            return { kind: outside(root, name), says };
        }
    }
    return { kind: "inside", target: Buffer.from(done.join(SLASH), "latin1") };
}

/** Out of the folder, unless nothing is there on this machine either. */
function outside(root: string, name: Buffer): "outside" | "nothing" {
    try {
        return statSync(at(root, text(name)), { throwIfNoEntry: false }) === undefined
            ? "nothing"
            : "outside";
    } catch {
        // A loop, or a folder that this user may not enter.
        return "outside";
    }
}

function text(bytes: Buffer): string {
    return bytes.toString("latin1");
}

function at(root: string, latin1: string): Buffer {
    return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(latin1, "latin1")]);
}
