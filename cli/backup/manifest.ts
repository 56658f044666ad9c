/** A backup's manifest, and the check that its files are the files that were written. */
import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { mistake } from "../../common/mistake";
import { BACKENDS, ENVIRONMENTS } from "../../config/environments";
import { parseJson } from "../../common/json";
import { kept, keptRecords } from "../../releases/records";
import { messageOf } from "../terminal/steps";

/** The format of a backup. Raise it when this program can no longer read the present format. */
const FORMAT = 2;
export const MANIFEST = "manifest.json";
/**
 * The parts of a backup, in the order in which they are written. A scheduled backup has no state, which only the
 * command reaches.
 */
export const PARTS = ["state.json", "database.dump", "artifacts.tar"] as const;
export type Part = (typeof PARTS)[number];
/** Ends the name of an encrypted file. */
const ENCRYPTED = ".age";
export type FileName = Part | `${Part}${typeof ENCRYPTED}`;

const file = z.strictObject({
    name: z.enum([...PARTS, ...PARTS.map((part) => `${part}${ENCRYPTED}` as const)]),
    // None is ever empty: a state has its stack, a dump its tables, an archive its end.
    bytes: z.number().int().positive(),
    /** Of the file as it is on the disk: encrypted, if it is. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifest = z
    .strictObject({
        /** Backups of format 1 are in plain, and have no seal. */
        format: z.literal([1, FORMAT]),
        /** Backups of before this was written have none. */
        project: z.string().optional(),
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
        /** The age recipients to which the files are encrypted; none when they are in plain. */
        recipients: z.array(z.string()).default([]),
        /** The name of the key that seals the manifest; undefined when the stack had none. */
        key: z.string().optional(),
        /** In the order of PARTS. */
        files: z.array(file),
    })
    .refine(
        ({ files, recipients }) => {
            const wanted = PARTS.map((part) => fileName(part, recipients)).join();
            const names = files.map(({ name }) => name).join();
            return names === wanted || names === wanted.slice(wanted.indexOf(",") + 1);
        },
        {
            error: `needs ${PARTS.join(", ")}, in this order, each encrypted if there are recipients`,
            path: ["files"],
        },
    );

export type Manifest = z.infer<typeof manifest>;
export type BackupFile = z.infer<typeof file>;

/** A manifest with the bytes of its file. */
export interface ReadBackup {
    readonly folder: string;
    readonly bytes: Buffer;
    readonly manifest: Manifest;
}

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
 * @throws Mistake for what is no backup, or one of another version of this program
 */
export function readBackup(folder: string): ReadBackup {
    const path = join(folder, MANIFEST);
    const bytes = bytesOf(path, folder);
    const content = parseJson(bytes.toString("utf8"));
    const parsed = manifest.safeParse(content);
    if (!parsed.success) {
        throw mistake(
            `${path}: not the manifest of a backup that this version restores; choose another backup. Nothing was changed.\n` +
                (content === undefined ? "It is not JSON." : z.prettifyError(parsed.error)),
        );
    }
    return { folder, bytes, manifest: parsed.data };
}

function bytesOf(path: string, folder: string): Buffer {
    try {
        return readFileSync(path);
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        throw mistake(
            code === "ENOENT" || code === "ENOTDIR"
                ? `--backup: got ${folder}, which has no ${MANIFEST}; choose the folder of a backup. Nothing was changed.`
                : `${path}: cannot be read (${message}); choose another backup. Nothing was changed.`,
        );
    }
}

/**
 * Compares each file with its size and hash in the manifest.
 *
 * @throws Mistake that names the first one that differs
 */
export async function checkFiles(folder: string, { files }: Manifest, signal?: AbortSignal): Promise<void> {
    for (const file of files) {
        const path = join(folder, file.name);
        const problem = await problemOf(path, file, signal);
        if (problem !== undefined) {
            throw mistake(
                `${path}: ${problem}. The backup is damaged: take another one. Nothing was changed.`,
            );
        }
    }
}

async function problemOf(
    path: string,
    { bytes, sha256 }: BackupFile,
    signal?: AbortSignal,
): Promise<string | undefined> {
    try {
        const found = statSync(path, { throwIfNoEntry: false });
        if (found === undefined) {
            return "missing";
        }
        // Nobody may ever write into a pipe, and a device may have no end.
        if (!found.isFile()) {
            return `got ${found.isDirectory() ? "a folder" : "no regular file"}; the manifest says ${bytes} bytes`;
        }
        if (found.size !== bytes) {
            return `got ${found.size} bytes; the manifest says ${bytes}`;
        }
        const hash = createHash("sha256");
        await pipeline(createReadStream(path), hash, { signal });
        const got = hash.digest("hex");
        return got === sha256 ? undefined : `got sha256 ${got}; the manifest says ${sha256}`;
    } catch (error) {
        if (signal?.aborted === true) {
            throw error;
        }
        return `cannot be read (${messageOf(error)})`;
    }
}

/** The name of a part's file. */
export function fileName(part: Part, recipients: readonly string[]): FileName {
    return recipients.length > 0 ? `${part}${ENCRYPTED}` : part;
}

/** The path of one of a backup's files. */
export function fileOf(folder: string, { recipients }: Pick<Manifest, "recipients">, part: Part): string {
    return join(folder, fileName(part, recipients));
}
