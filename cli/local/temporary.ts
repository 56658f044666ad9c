import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Mistake, mistake } from "../../common/mistake";
import { messageOf } from "../terminal/steps";

/**
 * Works in a folder inside `parent`, and removes it afterwards. It is on the same file system, so renames are atomic.
 */
export async function inTemporaryFolder<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
    mkdirSync(parent, { recursive: true });
    const folder = mkdtempSync(join(parent, "new-"));
    try {
        return await work(folder);
    } catch (error) {
        if (error instanceof Mistake) {
            throw error;
        }
        throw mistake(`${folder}: ${messageOf(error)}. Is there room on that disk, and may you write to it?`);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
