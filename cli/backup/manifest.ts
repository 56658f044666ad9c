/** A backup's manifest, and the check that its files are the files that were written. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { BACKENDS, ENVIRONMENTS } from "../../config/environments";
import { parseJson } from "../../common/json";
import { kept, keptRecords } from "../../releases/records";
import { SetupError } from "../terminal/steps";

/** The format of a backup. Raise it when this program can no longer read the present format. */
const FORMAT = 1;
export const MANIFEST = "manifest.json";
/** The files of a backup, in the order in which they are written. */
export const FILES = ["state.json", "database.dump", "artifacts.tar"] as const;
export type FileName = (typeof FILES)[number];

const file = z.strictObject({
    name: z.enum(FILES),
    bytes: z.number().int().nonnegative(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifest = z.strictObject({
    format: z.literal(FORMAT),
    stack: z.string(),
    environment: z.enum(ENVIRONMENTS),
    /** The time when the backup began. Everything that happened before is in it. */
    at: z.iso.datetime(),
    /** The name of the registered model. */
    model: z.string(),
    backend: z.enum(BACKENDS),
    /** The versions of the programs that the database belongs to. */
    versions: z.strictObject({ mlflow: z.string(), postgres: z.string().optional() }),
    /** The validated releases, newest first. The first one serves. */
    releases: keptRecords,
    /** In the order of FILES. */
    files: z.tuple([file, file, file]),
});

export type Manifest = z.infer<typeof manifest>;
export type BackupFile = z.infer<typeof file>;

export function manifestOf(content: Omit<Manifest, "format">): Manifest {
    return { format: FORMAT, ...content };
}

/** The text of a manifest's file. */
export function manifestText(content: Manifest): string {
    return `${JSON.stringify({ ...content, releases: kept(content.releases) }, null, 2)}\n`;
}

/** "prod-2026-01-31T163400Z" */
export function backupName(stack: string, at: Date): string {
    return `${stack}-${at.toISOString().replace(/:/g, "").replace(/\.\d+/, "")}`;
}

/**
 * Reads a backup's manifest.
 *
 * @throws SetupError when the folder is no backup, or a backup of another version of this program
 */
export function readManifest(folder: string): Manifest {
    const path = join(folder, MANIFEST);
    if (!existsSync(path)) {
        throw new SetupError(
            `--backup: got ${folder}, which has no ${MANIFEST}; choose the folder of a backup. Nothing was changed.`,
        );
    }
    const parsed = manifest.safeParse(parseJson(readFileSync(path, "utf8")));
    if (!parsed.success) {
        throw new SetupError(
            `${path}: not the manifest of a backup that this version restores. Nothing was changed.\n` +
                z.prettifyError(parsed.error),
        );
    }
    return parsed.data;
}

/**
 * Compares each file with its size and hash in the manifest.
 *
 * @throws SetupError that names the first differing file
 */
export async function checkFiles(folder: string, { files }: Manifest, signal?: AbortSignal): Promise<void> {
    for (const { name, bytes, sha256 } of files) {
        const path = join(folder, name);
        const got = statSync(path, { throwIfNoEntry: false })?.size;
        const problem =
            got === undefined
                ? "missing"
                : got !== bytes
                  ? `got ${got} bytes; the manifest says ${bytes}`
                  : await differs(path, sha256, signal);
        if (problem !== undefined) {
            throw new SetupError(
                `${path}: ${problem}. The backup is damaged: take another one. Nothing was changed.`,
            );
        }
    }
}

async function differs(path: string, sha256: string, signal?: AbortSignal): Promise<string | undefined> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash, { signal });
    const got = hash.digest("hex");
    return got === sha256 ? undefined : `got sha256 ${got}; the manifest says ${sha256}`;
}

/** The path of one of a backup's files. */
export function fileOf(folder: string, name: FileName): string {
    return join(folder, name);
}
