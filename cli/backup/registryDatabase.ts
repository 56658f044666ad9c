/** MLflow's database in SQLite or PostgreSQL: it is dumped while it is in use, and exchanged as a whole. */
import type { Readable, Writable } from "node:stream";
import { mistake } from "../../common/mistake";
import { execText, type ExecEnd, type ExecStreams } from "../../engine/streams/execStream";
import type { Target } from "../stack/target";

/**
 * A restored database is made beside the one in use, and takes its place in one step. So one of the two databases is
 * in place at each moment.
 */
export interface RegistryDatabase {
    /** The version of the database's server; undefined for a database without a server. */
    version(): Promise<string | undefined>;
    /** Writes a consistent copy while the database is in use. */
    dump(output: Writable, signal: AbortSignal): Promise<void>;
    /** Makes a database from a dump, beside the one in use. */
    stage(dump: Readable, signal: AbortSignal): Promise<void>;
    /** The names of the things in the database in use. */
    used(): Promise<string[]>;
    /** The names of the things in the staged database. */
    staged(): Promise<string[]>;
    /** Puts the staged database in place, and keeps the old one; MLflow is down. */
    swap(): Promise<void>;
    /** Whether the old database is kept. */
    isSwapped(): Promise<boolean>;
    /** Puts the kept database back in place; MLflow is down. */
    swapBack(): Promise<void>;
    /** Removes the kept and the staged database, if they exist. */
    tidy(): Promise<void>;
}

/**
 * The things that a registry holds, a row each. The facts about a version (tags, aliases) are left out, because each
 * update sets them again. The history of releases is not set again, so it is listed. MLflow keeps the number of a
 * deleted version.
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

/** Runs a command, which must succeed. */
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

/** The things in the database in use that the staged database does not have. */
export function missingFrom(staged: readonly string[], used: readonly string[]): string[] {
    const has = new Set(staged);
    return used.filter((it) => !has.has(it)).sort();
}
