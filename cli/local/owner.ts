/** Names the process that owns a thing, so that another process can see whether the owner still lives. */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface Owner {
    readonly pid: number;
    /** When the process began. The kernel later gives its id to another process. */
    readonly began: string;
    /** Where process ids have the same meaning: the machine and, on Linux, the boot and the PID namespace. */
    readonly where: { readonly machine: string; readonly boot: string; readonly namespace: string };
}

/** This process. */
export function thisProcess(): Owner {
    return { pid: process.pid, began: beginningOf(process.pid) ?? "", where: here() };
}

/**
 * Whether a process lives. Also true if that is unknown, because the process is on another machine or in another
 * container.
 */
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

/** Undefined if there is no such process. An ended process does not count, even if nobody has read its end. */
function beginningOf(pid: number): string | undefined {
    try {
        if (process.platform !== "linux") {
            return execFileSync("ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8" }).trim();
        }
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        // Fields 3 (state) and 22 (start time) of proc(5). Field 2 is a name in brackets, which may contain anything.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return fields[0] === "Z" ? undefined : fields[19];
    } catch {
        return undefined;
    }
}
