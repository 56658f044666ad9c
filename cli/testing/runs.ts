/**
 * Runs of the end-to-end tests. Each run has a record outside the checkout. The next run removes the things of
 * interrupted runs, and leaves living runs alone.
 */
import { randomBytes } from "node:crypto";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type Docker from "dockerode";
import { mayLive, thisProcess, type Owner } from "../local/owner";
import { cacheFolder, CHECKOUT, PROJECT } from "../local/paths";
import { testedImages } from "./images";
import { leftovers, removeImages, removeLeftovers } from "./leftovers";

/** The variable that tells the tests' processes the name of their run. */
export const RUN = "E2E_RUN";
/** The variable with the folder of the records. It is set when the tests use another engine than this machine's. */
export const RECORDS = "E2E_RECORDS";
const RECORD = "run.json";
/** runtime/loader.cjs keeps compiled code here. */
const COMPILED = join(CHECKOUT, "node_modules", ".cache", PROJECT, "compiled");
/** A record is renewed in this interval, while its run lives. */
const HEARTBEAT_MS = 5_000;

export interface TestRun {
    readonly name: string;
    /** The folder of everything that the run writes to disk. */
    readonly folder: string;
}

interface Record {
    readonly folder: string;
    readonly began: number;
}

/** Runs `work` as a new run, after removing the things of dead runs. */
export async function asRun<T>(docker: Docker, work: (run: TestRun) => Promise<T>): Promise<T> {
    await removeDeadRuns(docker);
    const name = randomBytes(2).toString("hex");
    const folder = mkdtempSync(join(tmpdir(), `${PROJECT}-e2e-`));
    mkdirSync(recordOf(name), { recursive: true });
    joinRun(name);
    const record = join(recordOf(name), RECORD);
    writeFileSync(record, JSON.stringify({ folder, began: Date.now() } satisfies Record));
    const heart = setInterval(() => utimesSync(record, new Date(), new Date()), HEARTBEAT_MS);
    heart.unref();
    try {
        return await work({ name, folder });
    } finally {
        clearInterval(heart);
        const left = await leftovers(docker, name);
        if (left.length === 0) {
            removeFolder(folder);
            rmSync(recordOf(name), { recursive: true });
        } else {
            console.error(
                `Left behind by the tests, until the next run removes it: ${left.map(({ what }) => what).join(", ")}. ` +
                    `The state is in ${folder}.`,
            );
        }
    }
}

/** Makes a run live as long as this process. */
export function joinRun(run: string): void {
    writeFileSync(join(recordOf(run), `owner-${process.pid}.json`), JSON.stringify(thisProcess()));
}

/** Removes the things of runs that have no living process. */
export async function removeDeadRuns(docker: Docker): Promise<void> {
    for (const name of runs().filter((it) => !isAlive(it))) {
        const file = join(recordOf(name), RECORD);
        const record = JSON.parse(readFileSync(file, "utf8")) as Record;
        const removed = await removeLeftovers(docker, name);
        const made = await testedImages(docker, { since: record.began, until: statSync(file).mtimeMs });
        const used = await removeImages(docker, made);
        removeFolder(record.folder);
        rmSync(recordOf(name), { recursive: true });
        console.log(
            `Removed what an interrupted run left: ${[record.folder, ...removed, ...made.filter((tag) => !used.includes(tag))].join(", ")}`,
        );
    }
}

/** Removes a run's folder, and the compiled code that the loader keeps for each folder of a program. */
function removeFolder(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
    if (existsSync(COMPILED)) {
        // v8-compile-cache-lib names its files by the program's folder, with zZ for z.
        const own = basename(folder).replaceAll("z", "zZ");
        for (const name of readdirSync(COMPILED).filter((it) => it.includes(own))) {
            rmSync(join(COMPILED, name));
        }
    }
}

function runs(): string[] {
    mkdirSync(recordOf(""), { recursive: true });
    // A run without a record was interrupted before it began.
    return readdirSync(recordOf("")).filter(
        (name) => statSync(join(recordOf(name), RECORD), { throwIfNoEntry: false }) !== undefined,
    );
}

function isAlive(run: string): boolean {
    return readdirSync(recordOf(run))
        .filter((name) => name.startsWith("owner-"))
        .some((name) => mayLive(JSON.parse(readFileSync(join(recordOf(run), name), "utf8")) as Owner));
}

function recordOf(run: string): string {
    return join(process.env[RECORDS] ?? join(cacheFolder(), "e2e"), run);
}
