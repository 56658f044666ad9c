import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];
/** The state of a listening socket. Source: the kernel's include/net/tcp_states.h, TCP_LISTEN. */
const LISTENS = "0A";
const HEXADECIMAL = 16;

/**
 * The program of this machine that listens on a port: "node, process 1234".
 *
 * @returns undefined when the program cannot be found: no Linux, or a process of another user
 */
export function listenerOn(port: number): string | undefined {
    const sockets = new Set(TABLES.flatMap((file) => listening(read(file) ?? "", port)));
    if (sockets.size === 0) {
        return undefined;
    }
    const processes = list("/proc").filter((name) => /^\d+$/.test(name));
    const holder = processes.find((id) => holds(`/proc/${id}/fd`, sockets));
    const name = holder === undefined ? undefined : read(`/proc/${holder}/comm`)?.trim();
    return name === undefined ? undefined : `${name}, process ${holder}`;
}

/** The sockets that listen on a port, by a table of the kernel. Each has the name that links of processes give it. */
export function listening(table: string, port: number): string[] {
    return table.split("\n").flatMap((line) => {
        const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
        const its = Number.parseInt(local.split(":")[1] ?? "", HEXADECIMAL);
        return state === LISTENS && its === port ? [`socket:[${inode}]`] : [];
    });
}

function holds(folder: string, sockets: ReadonlySet<string>): boolean {
    return list(folder).some((name) => {
        const target = quietly(() => readlinkSync(`${folder}/${name}`));
        return target !== undefined && sockets.has(target);
    });
}

function list(folder: string): string[] {
    return quietly(() => readdirSync(folder)) ?? [];
}

function read(file: string): string | undefined {
    return quietly(() => readFileSync(file, "utf8"));
}

/** A process may end during a look, and processes of other users are closed to us. */
function quietly<T>(look: () => T): T | undefined {
    try {
        return look();
    } catch {
        return undefined;
    }
}
