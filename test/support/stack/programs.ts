import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Processes of Node.js that run in a folder. (Pulumi's language host looks for its engine every five minutes only.) */
export function programsIn(folder: string): string[] {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isProgramIn(folder, name));
}

function isProgramIn(folder: string, pid: string): boolean {
    try {
        const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
        return name === "node" && readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
        // It has ended meanwhile.
        return false;
    }
}
