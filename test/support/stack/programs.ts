import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Processes of Node.js that run in a folder. (Pulumi's language host looks for its engine only every five minutes.)
 */
export function programsIn(folder: string): string[] {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isProgramIn(folder, name));
}

function isProgramIn(folder: string, pid: string): boolean {
    try {
        const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
        return name === "node" && readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
        // The process has ended meanwhile.
        return false;
    }
}
