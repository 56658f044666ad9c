/** Static checks: each tool counts as one test. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Mistake } from "../../common/mistake";
import { CHECKOUT, filesBelow } from "../local/paths";
import { mustRun, runOnTerminal } from "../local/processes";
import { ensureLinter } from "./linters";
import { CRASHED, sum, type Tally } from "./tally";

type Command = readonly [string, ...string[]];

/** The folders of the program and its commands. */
export const PROGRAM = ["cli", "common", "components", "config", "contract", "engine", "policy", "releases"];
/** All folders and files with TypeScript. .dependency-cruiser.cjs has the order of the folders. */
export const IMPORTERS = ["index.ts", "bench", "test", ...PROGRAM];

const TOOLS: Readonly<Record<string, () => Promise<Command>>> = {
    eslint: node("node_modules/eslint/bin/eslint.js", "."),
    prettier: node("node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."),
    "dependency-cruiser": node("node_modules/dependency-cruiser/bin/dependency-cruise.mjs", ...IMPORTERS),
    tsc: node("node_modules/typescript/bin/tsc", "--noEmit"),
    actionlint: async () => [
        await ensureLinter("actionlint"),
        `-shellcheck=${await ensureLinter("shellcheck")}`,
        // No workflow contains Python, and not every machine has pyflakes.
        "-pyflakes=",
        ...filesBelow(join(CHECKOUT, ".github", "workflows")),
    ],
    // The examples are no part of the images that have ruff.
    ruff: async () => [await ensureLinter("ruff"), "check", "--no-cache", "--quiet", "examples"],
    shellcheck: async () => [
        await ensureLinter("shellcheck"),
        // A variable in capitals comes from the environment.
        "--exclude=SC2153",
        ...(await shellFiles()),
    ],
    zizmor: async () => [
        await ensureLinter("zizmor"),
        ...["--offline", "--persona=pedantic", "--strict-collection", "--quiet"],
        ...["--config=.github/zizmor.yml", ".github"],
    ],
};

export async function lint(): Promise<Tally> {
    const tallies: Tally[] = [];
    for (const [name, command] of Object.entries(TOOLS)) {
        const passed = await passes(command);
        console.log(`  ${passed ? "passed" : "FAILED"}: ${name}`);
        tallies.push(passed ? { passed: 1, failed: 0 } : CRASHED);
    }
    return sum(tallies);
}

/** Every file that a shell runs. */
async function shellFiles(): Promise<string[]> {
    const { stdout } = await mustRun("git", ["ls-files"], {
        cwd: CHECKOUT,
        remedy: "Is this a checkout of git?",
    });
    return stdout
        .split("\n")
        .filter((file) => file !== "" && /^#!.*\b(sh|bash)\n/.test(beginning(join(CHECKOUT, file))));
}

function beginning(file: string): string {
    return existsSync(file) ? readFileSync(file, "latin1").slice(0, 40) : "";
}

/** A tool that is missing counts as failed. The other tools still run. */
async function passes(command: () => Promise<Command>): Promise<boolean> {
    try {
        const [file, ...args] = await command();
        return (await runOnTerminal(file, args, process.env, CHECKOUT)) === 0;
    } catch (error) {
        console.error(error instanceof Mistake ? error.message : error);
        return false;
    }
}

function node(...args: string[]): () => Promise<Command> {
    return () => Promise.resolve([process.execPath, ...args]);
}
