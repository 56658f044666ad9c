/** Encrypts the files of a backup to age recipients, and decrypts them. Memory does not grow with the size. */
import { createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { Decrypter, Encrypter } from "age-encryption";
import { Mistake, mistake } from "../../common/mistake";
import { messageOf } from "../terminal/steps";
import { fileOf, type Manifest, type Part } from "./manifest";

/** The library's type of a stream is that of browsers. */
type LibraryStream = Parameters<Encrypter["encrypt"]>[0] & globalThis.ReadableStream<Uint8Array>;

/** A step of a pipeline that encrypts what passes. */
export function encryptTo(
    recipients: readonly string[],
): (plain: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
    const encrypter = new Encrypter();
    recipients.forEach((it) => encrypter.addRecipient(it));
    return async function* (plain) {
        yield* iterated(await encrypter.encrypt(libraryStream(plain)));
    };
}

/** Reads the files of a backup. An encrypted backup needs an identity. */
export class BackupReader {
    private constructor(
        private readonly folder: string,
        private readonly manifest: Manifest,
        private readonly decrypter: Decrypter | undefined,
    ) {}

    /**
     * @param identity the path of a file with age identities; undefined for none
     * @throws Mistake when the backup is encrypted and no identity opens it
     */
    static async of(folder: string, manifest: Manifest, identity?: string): Promise<BackupReader> {
        const { recipients } = manifest;
        if (recipients.length === 0) {
            return new BackupReader(folder, manifest, undefined);
        }
        const to = `the backup is encrypted to ${recipients.join(", ")}`;
        if (identity === undefined) {
            throw mistake(
                `--identity: missing; ${to}: give the file with a key of theirs. Nothing was changed.`,
            );
        }
        const reader = new BackupReader(folder, manifest, decrypterOf(identity));
        try {
            await reader.tryKey();
        } catch (error) {
            // An error of the disk has a code, and is no fault of the key.
            if (error instanceof Error && "code" in error) {
                throw mistake(
                    `${error.message}. The backup is damaged: take another one. Nothing was changed.`,
                );
            }
            throw mistake(
                `--identity: got ${identity}, whose keys do not open the backup (${messageOf(error)}); ${to}. ` +
                    "Nothing was changed.",
            );
        }
        return reader;
    }

    /** The plain content of a file. */
    open(part: Part): Readable {
        const file = createReadStream(fileOf(this.folder, this.manifest, part));
        return this.decrypter === undefined ? file : Readable.from(decrypted(this.decrypter, file));
    }

    /** Decrypts the beginning of the database. */
    private async tryKey(): Promise<void> {
        const file = createReadStream(fileOf(this.folder, this.manifest, "database.dump"));
        for await (const chunk of decrypted(this.decrypter!, file)) {
            void chunk;
            return;
        }
    }
}

async function* decrypted(decrypter: Decrypter, file: Readable): AsyncGenerator<Uint8Array> {
    yield* iterated(await decrypter.decrypt(libraryStream(file)));
}

/** Reads a file of age identities: one a line, and lines that begin with "#". */
function decrypterOf(path: string): Decrypter {
    const decrypter = new Decrypter();
    const identities = textOf(path)
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"));
    try {
        if (identities.length === 0) {
            throw new Error("it is empty");
        }
        identities.forEach((it) => decrypter.addIdentity(it));
        return decrypter;
    } catch (error) {
        // The library's message may hold the line, which may be a secret.
        const why = identities.length === 0 ? messageOf(error) : "a line is no AGE-SECRET-KEY-1…";
        throw mistake(
            `--identity: got ${path}, which is no file of age identities: ${why}. An identity that is itself encrypted ` +
                "is decrypted first, with: age --decrypt. A key of ssh is not taken. Nothing was changed.",
        );
    }
}

function textOf(path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch (error) {
        throw error instanceof Mistake
            ? error
            : mistake(
                  `--identity: got ${path}, which cannot be read (${messageOf(error)}). Nothing was changed.`,
              );
    }
}

function libraryStream(source: AsyncIterable<Uint8Array>): LibraryStream {
    return ReadableStream.from(source) as unknown as LibraryStream;
}

function iterated(stream: globalThis.ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
    return stream as ReadableStream<Uint8Array>;
}
