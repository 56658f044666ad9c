/** Which process something is of, so that another can tell whether that process still lives. */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface Owner {
    readonly pid: number;
    /** When the process began: the kernel gives its id to another one later. */
    readonly began: string;
    /** Where process ids mean the same: machine and, on Linux, boot and PID namespace. */
    readonly where: { readonly machine: string; readonly boot: string; readonly namespace: string };
}

/** This process. */
export function thisProcess(): Owner {
    return { pid: process.pid, began: beginningOf(process.pid) ?? "", where: here() };
}

/** Whether a process lives, or cannot be asked from here: another machine's, another container's. */
export function mayLive({ pid, began, where }: Owner): boolean {
    const { machine, boot, namespace } = here();
    if (where.machine !== machine) {
        return true;
    }
    if (where.boot !== boot) {
        return false;
    }
    return where.namespace !== namespace || beginningOf(pid) === began;
}

function here(): Owner["where"] {
    return process.platform === "linux"
        ? {
              machine: hostname(),
              boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
              namespace: readlinkSync("/proc/self/ns/pid"),
          }
        : { machine: hostname(), boot: "", namespace: "" };
}

/** Undefined when there is no such process; one that has ended and is not waited for yet is none. */
function beginningOf(pid: number): string | undefined {
    try {
        if (process.platform !== "linux") {
            return execFileSync("ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8" }).trim();
        }
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        // Fields 3 (state) and 22 (start time) of proc(5); the second is a name in brackets, with anything in it.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return fields[0] === "Z" ? undefined : fields[19];
    } catch {
        return undefined;
    }
}
