import { readdirSync, readlinkSync } from "node:fs";

/** Processes of this machine that run in a folder. */
export function programsIn(folder: string): string[] {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && folderOf(name) === folder);
}

function folderOf(pid: string): string | undefined {
    try {
        return readlinkSync(`/proc/${pid}/cwd`);
    } catch {
        // It has ended meanwhile.
        return undefined;
    }
}
