/**
 * Backs up the things that a stack cannot make again: its registry with all runs and versions, and Pulumi's state.
 */
import { backUp } from "../backup/backingUp";
import { interruptible } from "../terminal/interruption";
import { readManifest } from "../backup/manifest";
import { sizeText } from "../terminal/sizes";
import { exportState } from "../stack/exportedState";
import { targetOf } from "../stack/target";
import { table } from "../terminal/report";
import { openStack } from "../stack/stack";

/** @param out the absolute path of the folder that gets the backup's folder */
export async function backup({ stack: name, out }: { stack: string; out: string }): Promise<number> {
    const stack = await openStack(name);
    return interruptible("What was written goes away; no backup was made.", async (signal) => {
        const target = await targetOf(stack);
        const folder = await backUp({ target, state: await exportState(name), to: out, signal });
        const { files } = readManifest(folder);
        console.log(`\nBackup of ${name}: ${folder}`);
        console.log(table(files.map((it) => [it.name, sizeText(it.bytes)])).join("\n"));
        return 0;
    });
}
