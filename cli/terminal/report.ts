/** Texts about releases and their differences, for a person. */
import { short } from "../../common/hashes";
import { mainFigure } from "../../releases/figures";
import type { ReleaseRecord } from "../../releases/records";

/** Of a figure between 0 and 1 that a person is shown. */
export const DIGITS = 4;

/** "3fbf2f058994 (v1.2)". The ref is left out if it is the commit itself. */
export function named({ commit, ref }: Pick<ReleaseRecord, "commit" | "ref">): string {
    return commit.startsWith(ref) ? short(commit) : `${short(commit)} (${ref})`;
}

/** An ISO 8601 time as "2026-01-31 16:34:00". */
export function when(at: string): string {
    return at.slice(0, "2026-01-31T16:34:00".length).replace("T", " ");
}

/** A record's figures: "macroF1 0.9312, accuracy 0.9401". */
export function figures({ metrics }: Pick<ReleaseRecord, "metrics">): string {
    return Object.entries(metrics)
        .map(([name, value]) => `${name} ${value.toFixed(DIGITS)}`)
        .join(", ");
}

/** A text of somebody else. Signs that change what a terminal shows are written as codes. */
export function harmless(text: string): string {
    return text.replace(
        /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
        (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`,
    );
}

/** Rows as lines with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
    const widths = rows.reduce<number[]>(
        (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
        [],
    );
    return rows.map((row) =>
        `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    );
}

/** The validated releases of a stack, newest first; the first one serves. */
export function listed(releases: readonly ReleaseRecord[]): string[] {
    const shown = releases.map(({ metrics }) => mainFigure(metrics));
    const names = [...new Set(shown.flatMap((figure) => (figure === undefined ? [] : [figure[0]])))];
    return table([
        ["", "validated", "release", "version", names.join(" or ") || "figure", "by", "why"],
        ...releases.map((record, index) => [
            index === 0 ? "*" : "",
            when(record.at),
            named(record) + (record.dirty ? " with uncommitted changes" : ""),
            record.version,
            shown[index]?.[1].toFixed(DIGITS) ?? "",
            record.by,
            record.rolledBack === undefined
                ? record.why
                : `${record.why}; gone back from at ${when(record.rolledBack.at)}: ${record.rolledBack.why}`,
        ]),
    ]);
}

/** The values in which two configurations differ. A row has the path, the first value and the second value. */
export function differences(first: unknown, second: unknown, path = ""): string[][] {
    if (isObject(first) && isObject(second)) {
        const keys = [...new Set([...Object.keys(first), ...Object.keys(second)])].sort();
        return keys.flatMap((key) =>
            differences(first[key], second[key], path === "" ? key : `${path}.${key}`),
        );
    }
    const [a, b] = [first, second].map((value) => (value === undefined ? "-" : JSON.stringify(value)));
    return a === b ? [] : [[path, a!, b!]];
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
