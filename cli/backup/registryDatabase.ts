/** MLflow's database, whichever it is: dumped while it is in use, and exchanged as a whole. */
import type { Readable, Writable } from "node:stream";
import { mistake } from "../../common/mistake";
import { execText, type ExecEnd, type ExecStreams } from "../../engine/streams/execStream";
import type { Target } from "../stack/target";

/**
 * A restored database is made beside the one in use, and takes its place at one
 * stroke, so that each moment knows one of the two in place, and never neither.
 */
export interface RegistryDatabase {
    /** Version of the database's server; undefined where it has none. */
    version(): Promise<string | undefined>;
    /** Writes a consistent copy, while it is in use. */
    dump(output: Writable, signal: AbortSignal): Promise<void>;
    /** Makes a database of a dump, beside the one in use. */
    stage(dump: Readable, signal: AbortSignal): Promise<void>;
    /** Names of what the database in use holds. */
    used(): Promise<string[]>;
    /** Names of what the staged one holds. */
    staged(): Promise<string[]>;
    /** Puts the staged database in place, and keeps the other; MLflow is down. */
    swap(): Promise<void>;
    /** Whether another database is kept. */
    isSwapped(): Promise<boolean>;
    /** Puts the kept database back in place; MLflow is down. */
    swapBack(): Promise<void>;
    /** Removes the kept and the staged database, where there are any. */
    tidy(): Promise<void>;
}

/**
 * What a registry holds, a row a thing. What is told of a version (its tags, its
 * aliases) is told anew by each update; the history of releases is not. Of a version
 * that was deleted, MLflow keeps the number.
 */
export const CONTENTS = `
SELECT 'experiment ' || name FROM experiments
UNION ALL SELECT 'run ' || run_uuid FROM runs
UNION ALL SELECT 'logged model ' || model_id FROM logged_models
UNION ALL SELECT 'model ' || name FROM registered_models
UNION ALL SELECT 'version ' || version || ' of ' || name || ', run ' || COALESCE(run_id, 'none')
    FROM model_versions WHERE COALESCE(current_stage, '') <> 'Deleted_Internal'
UNION ALL SELECT 'tag ' || key || ' of ' || name FROM registered_model_tags
`;

/** Runs a command that has to work. */
export async function inContainer(
    { engine }: Pick<Target, "engine">,
    container: string,
    command: readonly string[],
    streams: Omit<ExecStreams, "output"> = {},
): Promise<string> {
    const end = await execText(engine, container, command, streams);
    succeeded(command, end);
    return end.stdout;
}

/** @throws Mistake with the command's own words when it failed */
export function succeeded([program = ""]: readonly string[], { exitCode, stderr }: ExecEnd): void {
    if (exitCode !== 0) {
        throw mistake(`${program}: exit code ${exitCode}\n${stderr || "It said nothing."}`);
    }
}

/** The lines of a text that are not empty. */
export function lines(text: string): string[] {
    return text.split("\n").filter((line) => line !== "");
}

/** What the database in use holds and the staged one does not. */
export function missingFrom(staged: readonly string[], used: readonly string[]): string[] {
    const has = new Set(staged);
    return used.filter((it) => !has.has(it)).sort();
}
