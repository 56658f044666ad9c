/** The doctor's findings. A check that fails or does not end is a finding too. */
import { NoAnswer, withTimeout } from "../setup/connection";
import { messageOf } from "../terminal/steps";

/** A "note" is worth knowing, but nothing is broken. */
export type Mark = "ok" | "note" | "FAILED";

export interface Finding {
    readonly mark: Mark;
    readonly what: string;
    readonly found: string;
    /** The remedy; a command if there is one. */
    readonly remedy?: string;
}

export interface Section {
    readonly title: string;
    readonly findings: readonly Finding[];
}

/** Looks at one thing. A thing with parts gives several findings. */
export interface Check {
    readonly what: string;
    readonly look: () => Promise<Finding | readonly Finding[]>;
}

export const SETUP = "npm run setup";
/** The remedy when the machine was too busy. */
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

/** Runs checks side by side. A check has failed if it throws, or has no answer after `limitMs`. */
export async function examined(checks: readonly Check[], limitMs: number): Promise<Finding[]> {
    const findings = checks.map(({ what, look }) =>
        withTimeout(look(), limitMs).catch((error: unknown) => problem(what, error)),
    );
    return (await Promise.all(findings)).flat();
}

/** The first line of a message is the problem, and the other lines are the remedy. */
function problem(what: string, error: unknown): Finding {
    const [found = "", ...others] = messageOf(error).split("\n");
    const remedy = others.map((line) => line.trim()).join(" ");
    if (error instanceof NoAnswer) {
        return failed(what, found, MORE_TIME);
    }
    return { mark: "FAILED", what, found, ...(remedy === "" ? {} : { remedy }) };
}
