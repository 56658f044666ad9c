/** Changes a stack's configuration for one run only. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { FILE_VARIABLE } from "../../config/written";
import { stackFile } from "./stack";
import { changeStackFile, type Change } from "./stackFile";

/** With this change, an update trains nothing, and the version that serves stays. */
export const WITHOUT_TRAINING: Change = { key: "training.run", value: "never" };

/** Runs with a changed copy of the stack's file. If the file already has the changes, runs with the file itself. */
export async function withChanges<T>(
    name: string,
    changes: readonly Change[],
    work: (configFile: { configFile?: string }) => Promise<T>,
): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), "changes-"));
    const copy = join(folder, basename(stackFile(name)));
    copyFileSync(stackFile(name), copy);
    process.env[FILE_VARIABLE] = copy;
    try {
        return await work(changeStackFile(copy, changes).length === 0 ? {} : { configFile: copy });
    } finally {
        Reflect.deleteProperty(process.env, FILE_VARIABLE);
        rmSync(folder, { recursive: true });
    }
}
