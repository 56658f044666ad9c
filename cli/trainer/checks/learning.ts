/** Demo data, and training runs that register nothing. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { short } from "../../../common/hashes";
import { waitFor } from "../../../common/time";
import { STOP_GRACE_SECONDS } from "../../../components/image/stopGrace";
import { filesBelow } from "../../local/paths";
import type { Bench } from "../bench";
import { type Check, skipped, unless, type Verdict, wrong } from "../lines";
import type { Ended } from "../programs";
import { endsWith, judgeLine, judgeProgress, judgeStop, printedBy, progressLines } from "./endings";

/** The fewest examples that a stack's configuration may ask for are 1,000. */
const DEMO = ["--traces=2000", "--samples=128", "--seed=7"];
const STOP_MS = STOP_GRACE_SECONDS.train * 1000;
const POLL_MS = 20;
/** A trainer that reports nothing gets the signal after this time. */
const SILENT_MS = 5_000;
const POLICY = "Determinism";

/** Two calls of the demo. */
export interface Demos {
    readonly first: Ended;
    readonly second: Ended;
    /** The files of each call: hash by name. */
    readonly files: readonly [ReadonlyMap<string, string>, ReadonlyMap<string, string>];
}

export const DEMO_CHECKS: readonly Check<Demos>[] = [
    { what: "writes data", section: "Demo data", judge: ({ first, files }) => demoWrites(first, files[0]) },
    { what: "the same arguments give the same data", section: "Demo data", judge: judgeSame },
];

export async function makeDemos(bench: Bench): Promise<Demos> {
    const call = (folder: string) => bench.run("demo", {}, [`--out=${folder}`, ...DEMO]);
    const again = bench.folder("demo-again");
    const [first, second] = [await call(bench.data), await call(again)];
    return { first, second, files: [hashes(bench.data), hashes(again)] };
}

function hashes(folder: string): Map<string, string> {
    return new Map(
        filesBelow(folder).map((file) => [
            relative(folder, file),
            createHash("sha256").update(readFileSync(file)).digest("hex"),
        ]),
    );
}

function demoWrites(ended: Ended, files: ReadonlyMap<string, string>): Verdict {
    const ending = endsWith(ended, 0, `after demo ${DEMO.join(" ")}`);
    return ending.mark === "ok" && files.size === 0 ? wrong("it wrote no file below --out") : ending;
}

function judgeSame({ first, second, files: [one, other] }: Demos): Verdict {
    if (first.code !== 0 || second.code !== 0) {
        return skipped("the demo does not write data");
    }
    const names = [...new Set([...one.keys(), ...other.keys()])];
    const differing = names.filter((name) => one.get(name) !== other.get(name));
    return unless(
        differing.length === 0
            ? undefined
            : `two calls differ in ${differing.join(", ")}; draw everything from --seed`,
        names.join(", "),
    );
}

/** Runs with REGISTER=false: the first, the same again, and one with one thread; and one that is interrupted. */
export interface Trials {
    readonly first: Ended;
    /** Undefined if the first run failed. */
    readonly again: Ended | undefined;
    readonly single: Ended | undefined;
    /** `ms` counts from the signal. */
    readonly stopped: Ended | undefined;
    /** Files of the image or of the data that a run wrote. */
    readonly written: readonly string[];
}

export const TRIAL_CHECKS: readonly Check<Trials>[] = [
    {
        what: "exit code 0",
        section: "Without registering",
        judge: ({ first }) => endsWith(first, 0, "after a success"),
    },
    {
        what: "one line of JSON",
        section: "Without registering",
        judge: ({ first }) => judgeLine(first, "unregisteredResult"),
    },
    {
        what: "lines of progress",
        section: "Training: what comes out",
        optional: true,
        judge: ({ first }) => judgeProgress(first.stderr),
    },
    {
        what: "the same hash again",
        section: POLICY,
        judge: ({ first, again }) => sameHash(first, again, "a second run"),
    },
    {
        what: "the same hash with THREADS=1",
        section: POLICY,
        judge: ({ first, single }) => sameHash(first, single, "a run with THREADS=1"),
    },
    { what: "SIGTERM ends it with 143", section: "Training: what comes out", judge: judgeStopped },
    { what: "writes only to its temporary folder", section: "The image", judge: judgeWritten },
];

export async function makeTrials(bench: Bench): Promise<Trials> {
    const before = bench.readOnly();
    const first = await bench.trial();
    const isDone = first.code === 0;
    const again = isDone ? await bench.trial() : undefined;
    const single = isDone ? await bench.trial({ THREADS: "1" }) : undefined;
    const stopped = isDone ? await stop(bench) : undefined;
    const after = bench.readOnly();
    const written = [...after].filter(([name, fact]) => before.get(name) !== fact).map(([name]) => name);
    return { first, again, single, stopped, written };
}

/** Sends SIGTERM to a long run as soon as it reports progress. */
async function stop(bench: Bench): Promise<Ended> {
    const running = bench.start("train", { ...bench.alone(), TRIALS: "10000" });
    const reported = () =>
        Promise.resolve(progressLines(running.stderr()).length > 0 || running.isOver() || undefined);
    await waitFor(reported, { ms: SILENT_MS, everyMs: POLL_MS });
    const began = performance.now();
    running.signal("SIGTERM");
    void sleep(STOP_MS * 2, undefined, { ref: false }).then(() => running.signal("SIGKILL"));
    const ended = await running.ended;
    return { ...ended, ms: performance.now() - began };
}

/** The hash that a successful run printed; undefined if it printed no result. */
export function hashOf(ended: Ended | undefined): string | undefined {
    const result = printedBy(ended, "unregisteredResult");
    return result && String(result.sha256);
}

function sameHash(first: Ended, other: Ended | undefined, what: string): Verdict {
    const hash = hashOf(first);
    if (hash === undefined || other === undefined) {
        return skipped("the first run has no result");
    }
    const its = hashOf(other);
    if (its === undefined) {
        return wrong(`${what} has no result`, other.stderr);
    }
    return unless(
        its === hash
            ? undefined
            : `${what} gave ${short(its)}, the first ${short(hash)}. Draw everything from SEED, bound the threads of ` +
                  "libraries, and hash the learnt values instead of a file",
        short(hash),
    );
}

function judgeStopped({ stopped }: Trials): Verdict {
    if (stopped === undefined) {
        return skipped("the run did not succeed");
    }
    return stopped.code === 0
        ? skipped("the run ended before the signal came", stopped.stderr)
        : judgeStop(stopped, 143, STOP_MS);
}

function judgeWritten({ written }: Trials): Verdict {
    return unless(
        written.length === 0
            ? undefined
            : `a run wrote ${written.slice(0, 3).join(", ")}; in its container these folders are read-only. Write to /tmp`,
    );
}
