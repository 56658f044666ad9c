import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { Mistake } from "../../common/mistake";
import { dataFingerprint } from "../../components/data/dataFolder";
import { temporaryFolder } from "./temporaryFolder";

/** The owner of a folder that a test makes. */
export const OWNER = `${process.getuid!()}:${process.getgid!()}`;
export const MOUNT = "/data";

/** Gives each test of a suite a new folder of data, with one file. */
export class DataFolder {
    /** The folder with the data. */
    made = "";
    path = "";

    constructor() {
        temporaryFolder((made) => {
            chmodSync(made, 0o755);
            this.made = made;
            this.path = join(made, "survey");
            mkdirSync(this.path);
            this.write("x.sgy", "123");
        });
    }

    in(name: string): string {
        return join(this.path, name);
    }

    write(name: string, text = "1"): void {
        mkdirSync(join(this.in(name), ".."), { recursive: true });
        writeFileSync(this.in(name), text);
        utimesSync(this.in(name), 1000, 1000);
    }

    link(target: string, name: string): void {
        symlinkSync(target, this.in(name));
    }

    /** A path in the folder, from texts and single bytes. */
    bytes(...parts: (string | number)[]): Buffer {
        const all = parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part])));
        return Buffer.concat([Buffer.from(`${this.path}/`), ...all]);
    }

    fingerprint(reader = OWNER): string {
        return dataFingerprint(this.path, MOUNT, reader);
    }

    /** The folder's problems, a line each, with FOLDER for its path. */
    problems(reader = OWNER): string[] {
        try {
            this.fingerprint(reader);
        } catch (error) {
            expect(error).to.be.instanceOf(Mistake);
            const [first, ...others] = (error as Error).message.split("\n");
            expect(first).to.equal(
                `data.path: got ${this.path}; the trainer would not see all of it, so nothing was changed`,
            );
            return others.map((line) => line.trim().replaceAll(this.path, "FOLDER"));
        }
        return [];
    }
}
