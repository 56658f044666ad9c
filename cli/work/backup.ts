/** Backs up what a stack cannot make again: its registry, with all runs and versions, and Pulumi's state. */
import { resolve } from "node:path";
import { backUp } from "../backup/backingUp";
import { interruptible } from "../terminal/interruption";
import { readManifest } from "../backup/manifest";
import { sizeText } from "../terminal/sizes";
import { exportState } from "../stack/exportedState";
import { targetOf } from "../stack/target";
import { needed, parse } from "../terminal/args";
import { table } from "../terminal/report";
import { openStack } from "../stack/stack";
import { main } from "../terminal/steps";

const USAGE = `npm run backup -- --stack STACK --to FOLDER

  --stack STACK   the stack, which stays in use meanwhile
  --to FOLDER     gets a folder STACK-TIME of its own for this backup`;

main(async (args) => {
    const given = parse(args, { stack: "text", to: "text" } as const, USAGE);
    const name = needed(given.stack, "stack", USAGE);
    const to = resolve(needed(given.to, "to", USAGE));
    const stack = await openStack(name);
    return interruptible("What was written goes away; no backup was made.", async (signal) => {
        const target = await targetOf(stack);
        const folder = await backUp({ target, state: await exportState(name), to, signal });
        const { files } = readManifest(folder);
        console.log(`\nBackup of ${name}: ${folder}`);
        console.log(table(files.map((it) => [it.name, sizeText(it.bytes)])).join("\n"));
        return 0;
    });
});
