/**
 * The commands that tests run. When all parts have ended, they are compared with the commands of the documentation.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../local/paths";

/** The folder where the tests' processes write the commands that they ran. Without this variable they write none. */
export const RAN_FOLDER = "MOCHA_RAN_FOLDER";

/** Makes all tests that run during `work` write their commands. */
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
