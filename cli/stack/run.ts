/** Runs `pulumi up` and `pulumi preview` of a stack by the Automation API, and prints their output as it comes. */
import { join } from "node:path";
import { CommandError, type Stack } from "@pulumi/pulumi/automation";
import { dropSalts, refreshIndex } from "../local/checkout";
import { CHECKOUT } from "../local/paths";
import { summary } from "./summary";

/** Every deployment by a command must pass these policies: docs/policies.md. */
export const POLICY_PACKS = [join(CHECKOUT, "policy")];

export interface RunOptions {
    /** The reason for the change. It is written into the stack's history and into the release's record. */
    readonly reason?: string;
    /** Shows what would change, and changes nothing. */
    readonly preview?: boolean;
    /** Replaces Pulumi.<stack>.yaml in this run. */
    readonly configFile?: string;
    /** URNs of resources that are replaced although nothing of them has changed. */
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
        // The outputs hold all releases. A short summary follows instead.
        suppressOutputs: true,
        policyPacks: POLICY_PACKS,
        ...(reason === undefined ? {} : { message: reason }),
        ...(configFile === undefined ? {} : { configFile }),
        ...(replace === undefined ? {} : { replace: [...replace] }),
    };
    // Pulumi handles Ctrl-C itself.
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
            // Pulumi has printed the reason.
            return 1;
        }
        throw error;
    } finally {
        process.off("SIGINT", wait);
        await refreshIndex();
    }
}
