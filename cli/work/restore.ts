/** Puts a backup in the place of what a stack's registry holds. */
import { resolve } from "node:path";
import { selector } from "../../components/stack/deployment";
import { TRAINING_ROLE } from "../../components/training/trainingPlan";
import { removeOthers } from "../../engine/tasks/training";
import { interruptible } from "../terminal/interruption";
import { checkFiles, readManifest } from "../backup/manifest";
import { restore } from "../backup/restoring";
import { rememberReleases } from "../stack/exportedState";
import { targetOf } from "../stack/target";
import { needed, parse } from "../terminal/args";
import { named } from "../terminal/report";
import { openStack, refuseWhileUpdated } from "../stack/stack";
import { main, step } from "../terminal/steps";

const USAGE = `npm run restore -- --stack STACK --from FOLDER [--overwrite]

  --stack STACK   the stack whose registry is restored; it may be another one of the same environment
  --from FOLDER   a backup: a folder that npm run backup made
  --overwrite     even when the registry holds what the backup does not, which is lost`;

main(async (args) => {
    const given = parse(args, { stack: "text", from: "text", overwrite: "flag" } as const, USAGE);
    const name = needed(given.stack, "stack", USAGE);
    const folder = resolve(needed(given.from, "from", USAGE));
    const backup = readManifest(folder);
    return interruptible("What was there stays, or comes back.", async (signal) => {
        await step("Checking the backup", () => checkFiles(folder, backup, signal));
        const stack = await openStack(name);
        const target = await targetOf(stack);
        await restore({
            ...{ target, folder, backup, overwrite: given.overwrite, signal },
            refuseWhileUpdated: () => refuseWhileUpdated(name),
            remember: async () => {
                await rememberReleases(name, backup.releases);
                // Its result may name a version that is gone; the next update does not take its word.
                await removeOthers(target.engine, selector(target, TRAINING_ROLE), "");
            },
        });
        const [record] = backup.releases;
        const what = record === undefined ? "" : `; ${named(record)}, version ${record.version}, served then`;
        console.log(`\n${name} has the registry of ${backup.stack} at ${backup.at}${what}.`);
        console.log(`Bring the stack in line with it: pulumi up --stack ${name}`);
        return 0;
    });
});
