/** Makes a backup: state, then database, then artifacts. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Mistake, mistake } from "../../common/mistake";
import { REGISTRY_ROLE } from "../../components/registry/modelRegistry";
import { messageOf, step } from "../terminal/steps";
import { archiveArtifacts } from "./artifacts";
import { keyName, SEAL, sealOf } from "./authentication";
import { writeFile } from "./files";
import { backupName, MANIFEST, manifestOf, manifestText, type Manifest, type Part } from "./manifest";
import { PostgresDatabase } from "./postgres";
import { inContainer, type RegistryDatabase } from "./registryDatabase";
import { sizeText } from "../terminal/sizes";
import { SqliteDatabase } from "./sqlite";
import { releasesIn, type StackState } from "../stack/exportedState";
import { containerOf, type Target } from "../stack/target";

const FOLDER_MODE = 0o700;
const MLFLOW_VERSION = "import importlib.metadata as m; print(m.version('mlflow'))";

export interface BackUpArgs {
    readonly target: Target;
    readonly state: StackState;
    /** The folder that gets the backup's folder. */
    readonly to: string;
    /** The age recipients to which the files are encrypted; none for files in plain. */
    readonly recipients: readonly string[];
    /** The stack's key, which seals the manifest; undefined if the stack has none yet. */
    readonly key: string | undefined;
    readonly signal: AbortSignal;
}

/**
 * Backs a stack up while it is in use.
 *
 * The order makes the backup complete: the state names versions of the database, and the database names
 * files. A thing that is made meanwhile is at most in a later file, and no earlier file refers to it.
 *
 * @returns the backup's folder, which gets its name when all files are written
 */
export async function backUp(args: BackUpArgs): Promise<string> {
    const { target, state, to, recipients, key, signal } = args;
    const at = new Date();
    const folder = join(to, backupName(target.stack, at));
    const making = `${folder}.making`;
    try {
        mkdirSync(to, { recursive: true });
        mkdirSync(making, { mode: FOLDER_MODE });
    } catch (error) {
        throw unwritable(to, error);
    }
    try {
        const files = await writeFiles(making, args);
        signal.throwIfAborted();
        const { project, stack, environment, model, backend } = target;
        const manifest = manifestOf({
            ...{ project, stack, environment, at: at.toISOString(), model, backend },
            versions: await versionsOf(target, await containerOf(target, REGISTRY_ROLE), databaseOf(target)),
            releases: releasesIn(stack, state),
            ...{ recipients: [...recipients], files },
            ...(key === undefined ? {} : { key: keyName(key) }),
        });
        writeManifest(making, manifestText(manifest), key);
        renameSync(making, folder);
        return folder;
    } catch (error) {
        rmSync(making, { recursive: true, force: true });
        throw isOfDisk(error) ? unwritable(to, error) : error;
    }
}

async function writeFiles(
    folder: string,
    { target, state, recipients, signal }: BackUpArgs,
): Promise<Manifest["files"]> {
    const write = (title: string, part: Part, source: (output: Writable) => Promise<void>) =>
        step(title, (report) =>
            writeFile({ folder, part, recipients }, source, (bytes) => report(sizeText(bytes))),
        );
    return [
        await write("State", "state.json", (output) =>
            pipeline(Readable.from([JSON.stringify(state, null, 2)]), output),
        ),
        await write("Database", "database.dump", (output) => databaseOf(target).dump(output, signal)),
        await write("Artifacts", "artifacts.tar", async (output) => {
            if (await archiveArtifacts(target, output, signal)) {
                console.log("  A run was writing artifacts; no version in this backup's database is of it.");
            }
        }),
    ];
}

function writeManifest(folder: string, text: string, key: string | undefined): void {
    writeFileSync(join(folder, MANIFEST), text);
    if (key !== undefined) {
        writeFileSync(join(folder, SEAL), `${sealOf(text, key)}\n`);
    }
}

/** MLflow's database in SQLite or PostgreSQL. */
export function databaseOf(target: Target, helper?: string): RegistryDatabase {
    return target.backend === "postgres" ? new PostgresDatabase(target) : new SqliteDatabase(target, helper);
}

/**
 * The versions of the programs that the database belongs to.
 *
 * @param container a container of MLflow's image
 */
export async function versionsOf(
    target: Target,
    container: string,
    database: RegistryDatabase,
): Promise<Manifest["versions"]> {
    const postgres = await database.version();
    const mlflow = (await inContainer(target, container, ["python", "-c", MLFLOW_VERSION])).trim();
    return { mlflow, ...(postgres === undefined ? {} : { postgres }) };
}

/** Whether this machine's disk caused an error, and not the engine. */
function isOfDisk(error: unknown): boolean {
    return (
        error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT", "EIO"].includes(String(error.code))
    );
}

function unwritable(to: string, error: unknown): Mistake {
    return mistake(
        `--out: got ${to}: ${messageOf(error)}. Is there room on that disk, and may you write to it? No backup was made.`,
    );
}
