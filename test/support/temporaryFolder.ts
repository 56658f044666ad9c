import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Gives each test of a suite a new folder, and removes it afterwards. */
export function temporaryFolder(take: (folder: string) => void): void {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "seismic-unit-"));
        take(folder);
    });
    afterEach(() => rmSync(folder, { recursive: true }));
}

/** Writes a file, and makes the folders above it. */
export function writeFile(path: string, text: string | Buffer): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
}
