/** One setup at a time: a folder that can be made only once, with the holder's process id in it. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 500;
/** A lock without a process id is one being made just now, unless it is older than this. */
const UNSIGNED_MS = 10_000;

/** Runs `work` while holding the lock; waits for a living holder, takes over from a dead one. */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
    mkdirSync(dirname(folder), { recursive: true });
    let told = false;
    while (!tryLock(folder)) {
        if (removeIfStale(folder)) {
            continue;
        }
        if (!told) {
            console.log(
                `Another setup is under way (process ${holder(folder) ?? "unknown"}); waiting for it.`,
            );
        }
        told = true;
        await sleep(POLL_MS);
    }
    const release = (): void => rmSync(folder, { recursive: true, force: true });
    process.once("exit", release);
    try {
        return await work();
    } finally {
        process.off("exit", release);
        release();
    }
}

function tryLock(folder: string): boolean {
    try {
        mkdirSync(folder);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") {
            return false;
        }
        throw error;
    }
    writeFileSync(join(folder, "pid"), `${process.pid}\n`);
    return true;
}

function removeIfStale(folder: string): boolean {
    const pid = holder(folder);
    if (pid === undefined) {
        const made = statSync(folder, { throwIfNoEntry: false });
        if (made !== undefined && Date.now() - made.mtimeMs < UNSIGNED_MS) {
            return false;
        }
    } else if (isAlive(pid)) {
        return false;
    }
    // Renaming is atomic: of several that wait, one removes it.
    const aside = `${folder}.stale-${process.pid}`;
    try {
        renameSync(folder, aside);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return true;
        }
        throw error;
    }
    rmSync(aside, { recursive: true, force: true });
    return true;
}

function holder(folder: string): number | undefined {
    try {
        const pid = Number.parseInt(readFileSync(join(folder, "pid"), "utf8"), 10);
        return Number.isNaN(pid) ? undefined : pid;
    } catch {
        return undefined;
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
