import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives each test of a suite a new folder, and removes it afterwards. */
export function temporaryFolder(take: (folder: string) => void): void {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "seismic-unit-"));
        take(folder);
    });
    afterEach(() => rmSync(folder, { recursive: true }));
}
