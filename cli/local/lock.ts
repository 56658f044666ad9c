/**
 * A lock among processes that may be killed at any moment.
 *
 * The lock is a folder of numbered files. Each file names its holder, and the highest number counts. A finished file
 * is linked into the folder, so only one process can make a number, and nobody sees half a file. A process that finds
 * the holder of the highest number dead makes the next number. Nobody ever removes the highest number, so only one of
 * several such processes gets the lock.
 */
import {
    existsSync,
    linkSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mayLive, thisProcess, type Owner } from "./owner";

const POLL_MS = 500;
/** Lower numbers are kept for this time, because a slow process may still try to make one. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** The holder of a number; "free" after it has given the number back. */
type Holder = Owner | "free";

/** Runs `work` while holding the lock. Waits for a living holder, and takes over from a dead one. */
export async function withLock<T>(folder: string, work: () => Promise<T>, what = "setup"): Promise<T> {
    mkdirSync(folder, { recursive: true });
    let told = false;
    let number: number | undefined;
    while ((number = tryLock(folder)) === undefined) {
        const holder = holderOf(folder, highest(folder));
        if (!told && holder !== "free") {
            console.log(
                `Another ${what} is under way (process ${holder.pid} on ${holder.where.machine}); waiting for it. ` +
                    `If there is no such process, remove ${folder}.`,
            );
            told = true;
        }
        await sleep(POLL_MS);
    }
    const mine = number;
    const release = (): void => {
        // A person who thought this process dead may have removed the folder, as the message says.
        if (existsSync(folder)) {
            write(folder, mine, "free", renameSync);
        }
    };
    process.once("exit", release);
    try {
        return await work();
    } finally {
        process.off("exit", release);
        release();
    }
}

/** @returns the number that this process made, which is the lock; undefined when another process has the lock */
function tryLock(folder: string): number | undefined {
    const last = highest(folder);
    const holder = holderOf(folder, last);
    if (holder !== "free" && mayLive(holder)) {
        return undefined;
    }
    const mine = last + 1;
    try {
        write(folder, mine, thisProcess(), linkSync);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") {
            return undefined;
        }
        throw error;
    }
    if (highest(folder) !== mine) {
        // Others went on meanwhile, and removed this number after a day.
        rmSync(join(folder, `${mine}`));
        return undefined;
    }
    removeOld(folder, mine);
    return mine;
}

function numbers(folder: string): number[] {
    return readdirSync(folder)
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
}

/** The highest number; 0 before the first one. */
function highest(folder: string): number {
    return Math.max(0, ...numbers(folder));
}

function holderOf(folder: string, number: number): Holder {
    return number === 0 ? "free" : (JSON.parse(readFileSync(join(folder, `${number}`), "utf8")) as Holder);
}

/** Writes the holder of a number in one step. */
function write(
    folder: string,
    number: number,
    holder: Holder,
    put: (from: string, to: string) => void,
): void {
    const made = join(folder, `new-${process.pid}-${Math.random().toString(36).slice(2)}`);
    writeFileSync(made, JSON.stringify(holder));
    try {
        put(made, join(folder, `${number}`));
    } finally {
        rmSync(made, { force: true });
    }
}

function removeOld(folder: string, mine: number): void {
    for (const name of readdirSync(folder).filter((it) => it !== `${mine}`)) {
        const file = join(folder, name);
        const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
        if (mtimeMs !== undefined && Date.now() - mtimeMs > KEPT_MS) {
            rmSync(file, { force: true });
        }
    }
}
