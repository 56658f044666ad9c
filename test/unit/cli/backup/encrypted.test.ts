import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

import { expect } from "chai";

import { BackupReader } from "../../../../cli/backup/encryption";
import { writeFile } from "../../../../cli/backup/files";
import { manifestOf, PARTS, type Manifest } from "../../../../cli/backup/manifest";
import { ageKey } from "../../../support/state/ageKey";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** More than the pieces in which age encrypts, and no multiple of them. */
const CONTENT = Buffer.from("all that MLflow knows\n".repeat(50_000));

const rejection = (work: Promise<unknown>) =>
    work.then(
        () => "nothing",
        (error: Error) => error.message,
    );

describe("encrypted backups", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const keyFile = async (name: string) => {
        const file = join(folder, name);
        return { file, recipient: await ageKey(file) };
    };

    const write = async (recipients: string[]): Promise<Manifest> => {
        const files = [];
        for (const part of PARTS) {
            const source = (output: NodeJS.WritableStream) => pipeline(Readable.from([CONTENT]), output);
            files.push(await writeFile({ folder, part, recipients }, source, () => undefined));
        }
        return manifestOf({
            ...{ stack: "prod", environment: "prod", at: "2026-01-31T16:34:00.000Z", model: "Model" },
            ...{ backend: "postgres", versions: { mlflow: "3.17.2" }, releases: [], recipients, files },
        });
    };

    it("hold no plain byte, and are opened by each of their recipients", async () => {
        const [ours, theirs] = [await keyFile("ours"), await keyFile("theirs")];
        const manifest = await write([ours.recipient, theirs.recipient]);
        const names = PARTS.map((part) => `${part}.age`);
        expect(readdirSync(folder)).to.have.members([...names, "ours", "theirs"]);
        expect(manifest.files.map(({ name }) => name)).to.deep.equal(names);
        for (const name of names) {
            const bytes = readFileSync(join(folder, name));
            expect(bytes.subarray(0, 21).toString()).to.equal("age-encryption.org/v1");
            expect(bytes.includes("MLflow"), name).to.equal(false);
        }
        for (const { file } of [ours, theirs]) {
            const reader = await BackupReader.of(folder, manifest, file);
            expect(await buffer(reader.open("database.dump"))).to.deep.equal(CONTENT);
        }
    });

    it("are refused without an identity, and with one that does not open them", async () => {
        const [ours, other] = [await keyFile("ours"), await keyFile("other")];
        const manifest = await write([ours.recipient]);
        const to = `the backup is encrypted to ${ours.recipient}`;
        expect(await rejection(BackupReader.of(folder, manifest))).to.equal(
            `--identity: missing; ${to}: give the file with a key of theirs. Nothing was changed.`,
        );
        expect(await rejection(BackupReader.of(folder, manifest, other.file))).to.equal(
            `--identity: got ${other.file}, whose keys do not open the backup ` +
                `(no identity matched any of the file's recipients); ${to}. Nothing was changed.`,
        );
    });

    it("are called damaged, and not of another key, when a file is missing", async () => {
        const { file, recipient } = await keyFile("ours");
        const manifest = await write([recipient]);
        rmSync(join(folder, "database.dump.age"));
        expect(await rejection(BackupReader.of(folder, manifest, file))).to.match(
            /^ENOENT.*database\.dump\.age'\. The backup is damaged: take another one\. Nothing was changed\.$/,
        );
    });

    for (const [what, text, says] of [
        ["is empty", "\n# nothing\n", "it is empty"],
        [
            "is a key of ssh",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n",
            "a line is no AGE-SECRET-KEY-1…",
        ],
        ["holds a recipient", "age1qqqsecret\n", "a line is no AGE-SECRET-KEY-1…"],
    ] as const) {
        it(`are refused when the file with the identity ${what}`, async () => {
            const { recipient } = await keyFile("ours");
            const manifest = await write([recipient]);
            const file = join(folder, "identity");
            writeFileSync(file, text);
            const message = await rejection(BackupReader.of(folder, manifest, file));
            expect(message).to.contain(
                `--identity: got ${file}, which is no file of age identities: ${says}.`,
            );
            expect(message).not.to.contain("secret");
        });
    }

    it("are refused when there is no such file", async () => {
        const { recipient } = await keyFile("ours");
        const gone = join(folder, "gone");
        expect(await rejection(BackupReader.of(folder, await write([recipient]), gone))).to.match(
            new RegExp(`^--identity: got ${gone}, which cannot be read \\(ENOENT.*Nothing was changed\\.$`),
        );
    });

    it("end with an error, and not early, when a file was cut off at the end of a piece", async () => {
        const { file, recipient } = await keyFile("ours");
        const manifest = await write([recipient]);
        const reader = await BackupReader.of(folder, manifest, file);
        const path = join(folder, "database.dump.age");
        const header = readFileSync(path).indexOf("\n", readFileSync(path).indexOf("\n---") + 1) + 1;
        truncateSync(path, header + 16 + 3 * (64 * 1024 + 16));
        expect(await rejection(buffer(reader.open("database.dump")))).not.to.equal("nothing");
    });

    it("end with what the source or the disk says", async () => {
        const { recipient } = await keyFile("ours");
        const target = { folder, part: "database.dump", recipients: [recipient] } as const;
        const failing = () => Promise.reject(new Error("pg_dump: exit code 1"));
        expect(await rejection(writeFile(target, failing, () => undefined))).to.equal("pg_dump: exit code 1");
        let sent = 0;
        const endless = (output: NodeJS.WritableStream) =>
            pipeline(async function* () {
                for (; ; sent += CONTENT.length) {
                    yield CONTENT;
                    await new Promise(setImmediate);
                }
            }, output);
        // The file is there already, so it cannot be made.
        expect(await rejection(writeFile(target, endless, () => undefined))).to.match(
            /EEXIST|Premature close/,
        );
        expect(sent).to.be.lessThan(100 * CONTENT.length);
    });
});
