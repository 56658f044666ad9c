/** Brings a stack up, with the same program and configuration as `pulumi up`. */
import { existsSync } from "node:fs";
import type { Stack } from "@pulumi/pulumi/automation";
import { mistake } from "../../common/mistake";
import { pin } from "../release/change";
import { validated } from "../release/promotion";
import { serveWaiting } from "../upkeep/serveWaiting";
import { run } from "../stack/run";
import { openStack, selectStack, stackFile, withStack } from "../stack/stack";
import { stackOf } from "../stack/stackName";
import { changeStackFile, type Change } from "../stack/stackFile";
import { withChanges, WITHOUT_TRAINING } from "../stack/withChanges";
import { prepare } from "../setup/prepare";

export interface DeployArgs {
    /** A stack, or an environment by its long name. */
    readonly stack: string;
    /** The stack that gives its newest validated release. */
    readonly from: string | undefined;
    readonly "skip-training": boolean;
    /** Only serves a candidate of retraining, if one waits. */
    readonly waiting: boolean;
    readonly yes: boolean;
}

export async function deploy(given: DeployArgs): Promise<number> {
    const name = stackOf(given.stack);
    if (!existsSync(stackFile(name))) {
        throw mistake(`--stack: got ${given.stack}; there is no ${stackFile(name)}. Nothing was changed.`);
    }
    await prepare();
    const { from, yes } = given;
    if (given.waiting) {
        return serveWaiting(name, yes);
    }
    const promoted: Change[] =
        from === undefined
            ? []
            : [pin(await validated(await openStack(from), undefined)), { key: "promoteFrom", value: from }];
    const passing: Change[] = given["skip-training"] ? [WITHOUT_TRAINING] : [];
    const reason = from === undefined ? {} : { reason: `promotion from ${from}` };
    // A promotion stays in the stack's file. Other changes hold only for this run.
    const runs = (stack: Stack) =>
        withChanges(name, [...promoted, ...passing], (configFile) =>
            run(stack, { ...reason, preview: !yes, ...configFile }),
        );
    if (!yes) {
        const code = await withStack(name, runs);
        if (code === 0) {
            console.log(`\nNothing was changed. To bring ${name} up: --yes`);
        }
        return code;
    }
    const stack = await selectStack(name, true);
    tell(changeStackFile(stackFile(name), promoted));
    return runs(stack);
}

function tell(lines: readonly string[]): void {
    for (const line of lines) {
        console.log(line);
    }
}
