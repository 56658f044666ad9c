/** Sets up, brings a stack up, and prints what a person needs next. */
import { dropSalts, refreshIndex } from "../local/checkout";
import { CHECKOUT } from "../local/paths";
import { prepare, type Environment } from "../setup/prepare";
import { mustRun, runOnTerminal } from "../local/processes";
import { engineVariables, namedStack } from "../stack/stackEngine";
import { startArgs } from "../stack/startArgs";
import { summary } from "../stack/summary";

export async function start(args: readonly string[]): Promise<number> {
    const { stack, up } = startArgs(args);
    const environment = await prepare();
    // Pulumi would refuse a salt of another passphrase. The stack's state has the right salt.
    dropSalts();
    let code: number;
    try {
        code = await bringUp(environment, stack, up);
    } finally {
        await refreshIndex();
    }
    if (code !== 0 || args.includes("--preview-only")) {
        return code;
    }
    console.log(`\n${summary(await outputsOf(environment, stack), stack, CHECKOUT)}`);
    return 0;
}

async function bringUp(environment: Environment, stack: string, up: readonly string[]): Promise<number> {
    const { pulumi } = environment;
    const env = { ...environment.env, ...engineVariables(namedStack(up)) };
    const selected = await runOnTerminal(pulumi, ["stack", "select", "--create", stack], env, CHECKOUT);
    return selected === 0 ? runOnTerminal(pulumi, ["up", ...up], env, CHECKOUT) : selected;
}

async function outputsOf({ pulumi, env }: Environment, stack: string): Promise<unknown> {
    const { stdout } = await mustRun(pulumi, ["stack", "output", "--json", "--stack", stack], {
        cwd: CHECKOUT,
        env,
        remedy: "The stack is up; its outputs could not be read.",
    });
    return JSON.parse(stdout);
}
