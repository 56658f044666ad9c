import { lstatSync, readlinkSync, statSync } from "node:fs";

/** Where a link of a folder leads for a container that sees only this folder. */
export type Leads =
    | {
          kind: "inside";
          /** The target's path below the folder. */
          target: Buffer;
      }
    | {
          kind: "outside" | "nothing" | "loop";
          /** The text of the link. */
          says: Buffer;
      };

/** Linux follows at most this many links. */
const MOST = 40;
const SLASH = "/";

/**
 * Follows a link step by step.
 *
 * @param root the folder on this machine
 * @param mountedAt the path of the folder in the container
 * @param name the link's path below the folder
 */
export function whereTo(root: string, mountedAt: string, name: Buffer): Leads {
    const says = readlinkSync(at(root, text(name)), { encoding: "buffer" });
    // Bytes are read as Latin-1: each byte is one character, and none is lost.
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

/** The link leads out of the folder. If this machine has nothing there either, the link leads to nothing. */
function outside(root: string, name: Buffer): "outside" | "nothing" {
    try {
        return statSync(at(root, text(name)), { throwIfNoEntry: false }) === undefined
            ? "nothing"
            : "outside";
    } catch {
        // The link is a loop, or leads into a folder that this user may not enter.
        return "outside";
    }
}

function text(bytes: Buffer): string {
    return bytes.toString("latin1");
}

function at(root: string, latin1: string): Buffer {
    return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(latin1, "latin1")]);
}
