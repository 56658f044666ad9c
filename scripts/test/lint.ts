/** Static checks: each tool counts as one test. */
import { CHECKOUT } from "../setup/paths";
import { runOnTerminal } from "../setup/processes";
import { sum, type Tally } from "./tally";

const TOOLS: Readonly<Record<string, readonly string[]>> = {
    eslint: ["node_modules/eslint/bin/eslint.js", "."],
    prettier: ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."],
    tsc: ["node_modules/typescript/bin/tsc", "--noEmit"],
};

export async function lint(): Promise<Tally> {
    const tallies: Tally[] = [];
    for (const [name, args] of Object.entries(TOOLS)) {
        const code = await runOnTerminal(process.execPath, args, process.env, CHECKOUT);
        console.log(`  ${code === 0 ? "passed" : "FAILED"}: ${name}`);
        tallies.push(code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
    }
    return sum(tallies);
}
