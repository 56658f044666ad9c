/** `pulumi up` and `pulumi preview` of a stack by the Automation API, with their output as it comes. */
import { join } from "node:path";
import { CommandError, type Stack } from "@pulumi/pulumi/automation";
import { dropSalts, refreshIndex } from "../local/checkout";
import { CHECKOUT } from "../local/paths";
import { summary } from "./summary";

/** What every deployment by these scripts has to pass: docs/policies.md. */
export const POLICY_PACKS = [join(CHECKOUT, "policy")];

export interface RunOptions {
    /** Told in the stack's history, and why something else serves. */
    readonly reason?: string;
    /** Shows what would change, and changes nothing. */
    readonly preview?: boolean;
    /** Stands in for Pulumi.<stack>.yaml in this run. */
    readonly configFile?: string;
    /** URNs of resources that are made anew though nothing of them changed. */
    readonly replace?: readonly string[];
}

/** @returns Pulumi's exit code */
export async function run(
    stack: Stack,
    { reason, preview, configFile, replace }: RunOptions,
): Promise<number> {
    dropSalts();
    if (reason !== undefined) {
        process.env.RELEASE_REASON = reason;
    }
    const options = {
        onOutput: (text: string) => process.stdout.write(text),
        onError: (text: string) => process.stderr.write(text),
        color: process.stdout.isTTY ? ("always" as const) : ("never" as const),
        suppressProgress: true,
        // With all releases; what a person needs of them follows.
        suppressOutputs: true,
        policyPacks: POLICY_PACKS,
        ...(reason === undefined ? {} : { message: reason }),
        ...(configFile === undefined ? {} : { configFile }),
        ...(replace === undefined ? {} : { replace: [...replace] }),
    };
    // Ctrl-C is for Pulumi, which ends in its own way.
    const wait = (): void => undefined;
    process.on("SIGINT", wait);
    try {
        if (preview === true) {
            await stack.preview(options);
        } else {
            const { outputs } = await stack.up(options);
            const values = Object.entries(outputs).map(([name, { value }]): [string, unknown] => [
                name,
                value,
            ]);
            console.log(`\n${summary(Object.fromEntries(values), stack.name, CHECKOUT)}`);
        }
        return 0;
    } catch (error) {
        if (error instanceof CommandError) {
            // It has said why.
            return 1;
        }
        throw error;
    } finally {
        process.off("SIGINT", wait);
        await refreshIndex();
    }
}
