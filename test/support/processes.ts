import { readFileSync } from "node:fs";

/** Whether a process runs. A process that has ended, but whose end nobody has read, does not run. */
export function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0);
    } catch {
        return false;
    }
    return process.platform !== "linux" || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}
