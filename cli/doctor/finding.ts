/** What the doctor finds, and how a check that fails, or does not end, becomes a finding too. */
import { NoAnswer, withTimeout } from "../setup/connection";
import { messageOf } from "../terminal/steps";

/** "note": worth knowing, and nothing is broken. */
export type Mark = "ok" | "note" | "FAILED";

export interface Finding {
    readonly mark: Mark;
    readonly what: string;
    readonly found: string;
    /** What to do, a command where there is one. */
    readonly remedy?: string;
}

export interface Section {
    readonly title: string;
    readonly findings: readonly Finding[];
}

/** A look at one thing; several findings where the thing has parts. */
export interface Check {
    readonly what: string;
    readonly look: () => Promise<Finding | readonly Finding[]>;
}

export const SETUP = "npm run setup";
/** Where the machine was too busy. */
const MORE_TIME = "npm run doctor -- --within 30";

export function ok(what: string, found: string): Finding {
    return { mark: "ok", what, found };
}

export function note(what: string, found: string, remedy?: string): Finding {
    return { mark: "note", what, found, ...(remedy === undefined ? {} : { remedy }) };
}

export function failed(what: string, found: string, remedy: string): Finding {
    return { mark: "FAILED", what, found, remedy };
}

export async function section(title: string, checks: readonly Check[], limitMs: number): Promise<Section> {
    return { title, findings: await examined(checks, limitMs) };
}

/** Runs checks side by side; one that throws, or has no answer after `limitMs`, has failed. */
export async function examined(checks: readonly Check[], limitMs: number): Promise<Finding[]> {
    const findings = checks.map(({ what, look }) =>
        withTimeout(look(), limitMs).catch((error: unknown) => problem(what, error)),
    );
    return (await Promise.all(findings)).flat();
}

/** The first line of a message says what is wrong, the others what to do. */
function problem(what: string, error: unknown): Finding {
    const [found = "", ...others] = messageOf(error).split("\n");
    const remedy = others.map((line) => line.trim()).join(" ");
    if (error instanceof NoAnswer) {
        return failed(what, found, MORE_TIME);
    }
    return { mark: "FAILED", what, found, ...(remedy === "" ? {} : { remedy }) };
}
