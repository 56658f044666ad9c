/** The lines of a trainer's check: what is looked at, how it was found, and how a person is told. Pure. */
import { quoted } from "../../common/mistake";
import { harmless, table } from "../terminal/report";

export type Mark = "ok" | "wrong" | "missing" | "skipped";

/** How one thing was found. */
export interface Verdict {
    readonly mark: Mark;
    /** What was seen, or the fault and its remedy. */
    readonly found: string;
    /** Lines that a program printed. */
    readonly output?: readonly string[];
}

/**
 * A thing to look at. `section` is the heading of docs/trainer-contract.md that asks for it. A thing that is not needed
 * may be missing or skipped, but not wrong.
 */
export interface Check<Seen> {
    readonly what: string;
    readonly section: string;
    readonly optional?: true;
    readonly judge: (seen: Seen) => Verdict;
}

export interface Line extends Verdict {
    readonly what: string;
    readonly section: string;
    readonly needed: boolean;
}

export interface Part {
    readonly title: string;
    readonly lines: readonly Line[];
}

const LAST_LINES = 15;
const LONGEST = 240;
const INDENT = " ".repeat("  skipped  ".length);

export function ok(found = ""): Verdict {
    return { mark: "ok", found };
}

export function wrong(found: string, output: string = ""): Verdict {
    return { mark: "wrong", found, ...printed(output) };
}

export function missing(found: string): Verdict {
    return { mark: "missing", found };
}

export function skipped(found: string, output: string = ""): Verdict {
    return { mark: "skipped", found, ...printed(output) };
}

/** `ok` if nothing is wrong: the problem is undefined. */
export function unless(problem: string | undefined, found = "", output = ""): Verdict {
    return problem === undefined ? ok(found) : wrong(problem, output);
}

function printed(output: string): { output?: readonly string[] } {
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    return lines.length === 0 ? {} : { output: lines.slice(-LAST_LINES).map(shortened) };
}

/** A line of somebody else's program, which a terminal shows without obeying it. */
function shortened(line: string): string {
    const text = harmless(line.replaceAll("\t", "    "));
    return text.length > LONGEST ? `${text.slice(0, LONGEST)} ...` : text;
}

/** Judges what was seen by each check of a table. */
export function judged<Seen>(title: string, checks: readonly Check<Seen>[], seen: Seen): Part {
    return { title, lines: checks.map((check) => lineOf(check, check.judge(seen))) };
}

/** The lines of checks whose subject could not be looked at. */
export function unseen<Seen>(title: string, checks: readonly Check<Seen>[], why: Verdict): Part {
    return { title, lines: checks.map((check) => lineOf(check, why)) };
}

function lineOf<Seen>({ what, section, optional }: Check<Seen>, verdict: Verdict): Line {
    return { what, section, needed: optional !== true, ...verdict };
}

/** A trainer does not pass with such a line: what is needed is not ok, or anything is wrong. */
export function isFault({ mark, needed }: Line): boolean {
    return mark !== "ok" && (needed || mark === "wrong");
}

/** Whether a trainer passes. */
export function passes(parts: readonly Part[]): boolean {
    return !parts.flatMap(({ lines }) => lines).some(isFault);
}

/**
 * A part as text: a row for each line. Below a line that is wrong or missing are the fault and what was printed, once for
 * several lines with the same output.
 */
export function partText({ title, lines }: Part): string {
    const rows = table([
        ["skipped", ""],
        ...lines.map(({ mark, what, section, needed, found }) => [
            mark,
            needed ? what : `${what} (optional)`,
            `[${section}]`,
            isShort(mark) ? found : "",
        ]),
    ]).slice(1);
    const below = lines.map(({ mark, found, output = [] }, at) => {
        const text = output.join("\n");
        const isTold = text !== "" && lines.slice(0, at).some((line) => line.output?.join("\n") === text);
        return [
            ...(isShort(mark) ? [] : [found]),
            ...(isTold ? ["the same output as above"] : quoted(output)),
        ].map((line) => `${INDENT}${line}`);
    });
    return [title, ...rows.flatMap((row, at) => [row, ...below[at]!])].join("\n");
}

/** Whether what was found is told on the line itself. */
function isShort(mark: Mark): boolean {
    return mark === "ok" || mark === "skipped";
}

/** "31 ok, 1 wrong, 2 missing, 3 skipped: it does not follow the contract" */
export function closing(parts: readonly Part[]): string {
    const marks = parts.flatMap(({ lines }) => lines.map(({ mark }) => mark));
    const count = (mark: Mark): string => `${marks.filter((it) => it === mark).length} ${mark}`;
    const counts = [count("ok"), count("wrong"), count("missing"), count("skipped")].join(", ");
    return `${counts}: ${passes(parts) ? "it follows the contract" : "it does not pass"} (docs/trainer-contract.md)`;
}
