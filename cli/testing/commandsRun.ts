/** The commands that tests run, which the documentation's are compared with once all parts have ended. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../local/paths";

/** Names the folder where the tests' processes write which commands they ran; without it, none writes any. */
export const RAN_FOLDER = "MOCHA_RAN_FOLDER";

/** Has all tests that run during `work` write theirs. */
export async function keepingCommands<T>(work: () => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), `${PROJECT}-ran-`));
    process.env[RAN_FOLDER] = folder;
    try {
        return await work();
    } finally {
        delete process.env[RAN_FOLDER];
        rmSync(folder, { recursive: true, force: true });
    }
}
