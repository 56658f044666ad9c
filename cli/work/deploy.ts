/** Brings an environment's stack up, by the same program and configuration as `pulumi up`. */
import { existsSync } from "node:fs";
import type { Stack } from "@pulumi/pulumi/automation";
import { needed, parse } from "../terminal/args";
import { pin } from "../stack/change";
import { validated } from "../stack/promotion";
import { run } from "../stack/run";
import { openStack, selectStack, stackFile, withStack } from "../stack/stack";
import { stackOf } from "../stack/stackName";
import { changeStackFile, type Change } from "../stack/stackFile";
import { withChanges } from "../stack/withChanges";
import { prepare } from "../setup/prepare";
import { main, SetupError } from "../terminal/steps";

const USAGE = `npm run deploy -- --env ENVIRONMENT [--skip-training] [--promote-from STACK] [--dry-run]

  --env ENVIRONMENT      dev (development), staging or prod (production), or another stack's name
  --skip-training        keeps the registered model in this run
  --promote-from STACK   pins the newest release that this stack validated
  --dry-run              shows what would change, and changes nothing`;

main(async (args) => {
    const options = {
        env: "text",
        "skip-training": "flag",
        "promote-from": "text",
        "dry-run": "flag",
    } as const;
    const given = parse(args, options, USAGE);
    const env = needed(given.env, "env", USAGE);
    const name = stackOf(env);
    if (!existsSync(stackFile(name))) {
        throw new SetupError(`--env: got ${env}; there is no ${stackFile(name)}\n\n${USAGE}`);
    }
    await prepare();
    const from = given["promote-from"];
    const promoted: Change[] =
        from === undefined
            ? []
            : [pin(await validated(await openStack(from), undefined)), { key: "promoteFrom", value: from }];
    const passing: Change[] = given["skip-training"] ? [{ key: "training.run", value: "never" }] : [];
    const reason = from === undefined ? {} : { reason: `promotion from ${from}` };
    // A promotion stays in the stack's file; what holds for this run only does not.
    const runs = (stack: Stack) =>
        withChanges(name, [...promoted, ...passing], (configFile) =>
            run(stack, { ...reason, preview: given["dry-run"], ...configFile }),
        );
    if (given["dry-run"]) {
        return withStack(name, runs);
    }
    const stack = await selectStack(name, true);
    tell(changeStackFile(stackFile(name), promoted));
    return runs(stack);
});

function tell(lines: readonly string[]): void {
    for (const line of lines) {
        console.log(line);
    }
}
