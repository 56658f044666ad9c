/** Puts a backup in the place of a stack's registry. */
import { selector } from "../../components/stack/deployment";
import { TRAINING_ROLE } from "../../components/training/trainingPlan";
import { removeOthers } from "../../engine/tasks/training";
import { interruptible } from "../terminal/interruption";
import { backupKeyOf, checkSeal } from "../backup/authentication";
import { BackupReader } from "../backup/encryption";
import { checkCompatible } from "../backup/compatibility";
import { checkFiles, readBackup } from "../backup/manifest";
import { restore as restoreRegistry } from "../backup/restoring";
import { rememberReleases } from "../stack/exportedState";
import { targetOf } from "../stack/target";
import { named } from "../terminal/report";
import { openStack, refuseWhileUpdated } from "../stack/stack";
import { step } from "../terminal/steps";

export interface RestoreArgs {
    readonly stack: string;
    /** The backup's folder, as an absolute path. */
    readonly backup: string;
    /** The absolute path of a file with age identities; undefined for none. */
    readonly identity: string | undefined;
    /** Whether a backup is accepted that the stack's key does not authenticate. */
    readonly unauthenticated: boolean;
    readonly overwrite: boolean;
    readonly yes: boolean;
}

export async function restore(given: RestoreArgs): Promise<number> {
    const { stack: name, backup: folder } = given;
    const read = readBackup(folder);
    const { manifest: backup } = read;
    return interruptible("The registry from before stays, or comes back.", async (signal) => {
        const stack = await openStack(name);
        const doubt = checkSeal(read, await backupKeyOf(stack), given.unauthenticated);
        const files = await BackupReader.of(folder, backup, given.identity);
        await step("Checking the backup", () => checkFiles(folder, backup, signal));
        if (doubt !== undefined) {
            console.log(doubt);
        }
        const target = await targetOf(stack);
        const [record] = backup.releases;
        const what = record === undefined ? "" : `; ${named(record)}, version ${record.version}, served then`;
        checkCompatible(backup, target);
        if (!given.yes) {
            console.log(`\n${name} would get the registry of ${backup.stack} at ${backup.at}${what}.`);
            console.log(
                given.overwrite
                    ? "Things that only the present registry holds would be lost."
                    : "It would be refused if the present registry holds things that the backup does not.",
            );
            console.log("To restore it: --yes");
            return 0;
        }
        await restoreRegistry({
            ...{ target, files, backup, overwrite: given.overwrite, signal },
            refuseWhileUpdated: () => refuseWhileUpdated(name),
            remember: async () => {
                await rememberReleases(name, backup.releases);
                // The run's result may name a version that is gone. Without the run, the next update cannot use this
                // result.
                await removeOthers(target.engine, selector(target, TRAINING_ROLE), "");
            },
        });
        console.log(`\n${name} has the registry of ${backup.stack} at ${backup.at}${what}.`);
        console.log(`Bring the stack in line with it: pulumi up --stack ${name}`);
        return 0;
    });
}
