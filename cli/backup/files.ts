/** Writes the files of a backup by streams, and hashes them at the same time. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Transform, type TransformCallback, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OWNER_ONLY } from "../local/paths";
import { fileOf, type BackupFile, type FileName } from "./manifest";

/**
 * Writes a file of a backup.
 *
 * @param source writes the content, and ends the stream
 * @param onBytes gets the number of bytes that have been written
 */
export async function writeFile(
    folder: string,
    name: FileName,
    source: (output: Writable) => Promise<unknown>,
    onBytes: (bytes: number) => void,
): Promise<BackupFile> {
    const passing = new Hashing(onBytes);
    // On the disk before the folder gets its name.
    // A dump holds all that MLflow knows.
    const file = createWriteStream(fileOf(folder, name), { flags: "wx", mode: OWNER_ONLY, flush: true });
    const sourcing = source(passing).catch((error: Error) => {
        passing.destroy(error);
        throw error;
    });
    // Wait for both ends before the folder may be removed. When the disk is full, the source also ends with an error.
    const ends = await Promise.allSettled([sourcing, pipeline(passing, file)]);
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) {
        throw failed.reason;
    }
    return { name, bytes: passing.bytes, sha256: passing.digest() };
}

/** Passes bytes on. Counts and hashes them. */
class Hashing extends Transform {
    bytes = 0;
    private readonly hash = createHash("sha256");

    constructor(private readonly onBytes: (bytes: number) => void) {
        super();
    }

    override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
        this.hash.update(chunk);
        this.bytes += chunk.length;
        this.onBytes(this.bytes);
        done(null, chunk);
    }

    digest(): string {
        return this.hash.digest("hex");
    }
}
