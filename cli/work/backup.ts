/**
 * Backs up the things that a stack cannot make again: its registry with all runs and versions, and Pulumi's state.
 */
import { recipientsOf } from "../../config/backup";
import { backupKeyOf } from "../backup/authentication";
import { backUp } from "../backup/backingUp";
import { interruptible } from "../terminal/interruption";
import { readBackup } from "../backup/manifest";
import { sizeText } from "../terminal/sizes";
import { exportState } from "../stack/exportedState";
import { targetOf } from "../stack/target";
import { table } from "../terminal/report";
import { openStack } from "../stack/stack";

const IN_PLAIN = "In plain: whoever has these files has the registry. To encrypt them, set backup.recipient.";

/** @param out the absolute path of the folder that gets the backup's folder */
export async function backup({ stack: name, out }: { stack: string; out: string }): Promise<number> {
    const stack = await openStack(name);
    return interruptible("What was written goes away; no backup was made.", async (signal) => {
        const target = await targetOf(stack);
        const [recipients, key] = [recipientsOf(stack.config.backup), await backupKeyOf(stack)];
        const state = await exportState(name);
        const folder = await backUp({ target, state, to: out, recipients, key, signal });
        const { files } = readBackup(folder).manifest;
        console.log(`\nBackup of ${name}: ${folder}`);
        console.log(table(files.map((it) => [it.name, sizeText(it.bytes)])).join("\n"));
        console.log(recipients.length === 0 ? IN_PLAIN : `Encrypted to ${recipients.join(", ")}.`);
        if (key === undefined) {
            console.log(
                `Not sealed: the stack has no key yet. Bring it up once: npm start -- --stack ${name}`,
            );
        }
        return 0;
    });
}
