/**
 * Keeps the commands that tests run. A helper that runs a command for a test reports it here after its success. The
 * commands of each passing test are written to a file, so that they can be compared with the documentation's.
 */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { RAN_FOLDER } from "../../cli/testing/commandsRun";
import { settled, wordsOf } from "./pages/commandWords";

/** A command as `settled` writes it, and the full title of the test that ran it and passed. */
export interface Ran {
    command: string;
    test: string;
}

/** The commands of the present test. */
const current = new Set<string>();

/** Records a successful command: its words, without those that only a test adds. */
export function ran(...words: string[]): void {
    current.add(settled(words));
}

/** Records commands of a shell's text. */
export function typed(commands: readonly string[]): void {
    commands.forEach((command) => ran(...wordsOf(command)));
}

/** Records one of the project's scripts. */
export function ranScript(name: string, ...args: string[]): void {
    ran("npm", "run", name, "--", ...args);
}

/** The commands that the processes of one test run wrote into a folder. */
export function readRan(folder: string): Ran[] {
    return readdirSync(folder).flatMap((name) =>
        readFileSync(join(folder, name), "utf8")
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as Ran),
    );
}

export const mochaHooks: Mocha.RootHookObject = {
    beforeEach() {
        // Remove the commands of hooks, which belong to no test.
        current.clear();
    },
    afterEach(this: Mocha.Context) {
        const [folder, test] = [process.env[RAN_FOLDER], this.currentTest];
        if (folder === undefined || test?.isPassed() !== true) {
            return;
        }
        const lines = [...current].map((command) =>
            JSON.stringify({ command, test: test.fullTitle() } satisfies Ran),
        );
        // Each process has its own file, because suites run side by side.
        appendFileSync(join(folder, `${process.pid}.jsonl`), lines.map((line) => `${line}\n`).join(""));
    },
};
