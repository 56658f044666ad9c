/** Writes the files of a backup by streams, and hashes them at the same time. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { PassThrough, Transform, type TransformCallback, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OWNER_ONLY } from "../local/paths";
import { encryptTo } from "./encryption";
import { fileName, type BackupFile, type Part } from "./manifest";

/**
 * Writes a file of a backup. With recipients, only encrypted bytes reach the disk.
 *
 * @param source writes the plain content, and ends the stream
 * @param onBytes gets the number of bytes that have been written
 */
export async function writeFile(
    { folder, part, recipients }: { folder: string; part: Part; recipients: readonly string[] },
    source: (output: Writable) => Promise<unknown>,
    onBytes: (bytes: number) => void,
): Promise<BackupFile> {
    const encrypted = recipients.length === 0 ? undefined : encryptTo(recipients);
    const plain = new PassThrough();
    const hashing = new Hashing(onBytes);
    const path = join(folder, fileName(part, recipients));
    // On the disk before the folder gets its name.
    // A dump holds all that MLflow knows.
    const file = createWriteStream(path, { flags: "wx", mode: OWNER_ONLY, flush: true });
    const sourcing = source(plain).catch((error: Error) => {
        plain.destroy(error);
        throw error;
    });
    const writing =
        encrypted === undefined ? pipeline(plain, hashing, file) : pipeline(plain, encrypted, hashing, file);
    // Wait for both ends before the folder may be removed. When the disk is full, the source also ends with an error.
    const ends = await Promise.allSettled([sourcing, writing]);
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) {
        throw failed.reason;
    }
    return { name: fileName(part, recipients), bytes: hashing.bytes, sha256: hashing.digest() };
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
