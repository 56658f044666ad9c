/** Puts a backup in the place of what a stack's registry holds. */
import { resolve } from "node:path";
import { selector } from "../components/deployment";
import { TRAINING_ROLE } from "../components/trainingPlan";
import { removeOthers } from "../engine/training";
import { interruptible } from "./operations/interruption";
import { checkFiles, readManifest } from "./operations/manifest";
import { restore } from "./operations/restoring";
import { rememberReleases } from "./operations/state";
import { targetOf } from "./operations/target";
import { needed, parse } from "./release/args";
import { named } from "./release/report";
import { openStack, refuseWhileUpdated } from "./release/stack";
import { main, step } from "./setup/steps";

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
