/** Counts of tests, which are read from files and from the output of tools. */
import { readFileSync, writeFileSync } from "node:fs";

export interface Tally {
    readonly passed: number;
    readonly failed: number;
}

export const NONE: Tally = { passed: 0, failed: 0 };

/** The count of a part of the tests that could not even run. */
export const CRASHED: Tally = { passed: 0, failed: 1 };

export function sum(tallies: readonly Tally[]): Tally {
    return tallies.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), NONE);
}

/** Writes the counts of a process to the file that the parent process has named. */
export function writeTally(file: string | undefined, tally: Tally): void {
    if (file !== undefined) {
        writeFileSync(file, JSON.stringify(tally));
    }
}

/** The counts that a process wrote; undefined when it ended before it wrote them. */
export function readTally(file: string): Tally | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as Tally;
    } catch {
        return undefined;
    }
}

/**
 * The counts in pytest's closing line ("12 passed, 1 failed, 2 skipped in 3.21s"); undefined when there is no such
 * line. An error (a broken fixture or module) counts as a failure. A skipped test counts as a failure too, because it
 * would run nowhere.
 */
export function pytestTally(output: string): Tally | undefined {
    const closing = output
        .split("\n")
        .filter((line) => /\bin \d+(\.\d+)?s\b/.test(line))
        .at(-1);
    if (closing === undefined) {
        return undefined;
    }
    const count = (what: string): number => Number(new RegExp(`(\\d+) ${what}`).exec(closing)?.[1] ?? 0);
    return { passed: count("passed"), failed: count("failed") + count("errors?") + count("skipped") };
}

/** Also failed: a part that found no test, and a part with a failed tool, even if every test passed. */
export function settled(tally: Tally | undefined, exitCode: number): Tally {
    if (tally === undefined) {
        return CRASHED;
    }
    const nothingFailed = tally.failed === 0;
    return nothingFailed && (exitCode !== 0 || tally.passed === 0) ? sum([tally, CRASHED]) : tally;
}
