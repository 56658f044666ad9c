/**
 * Keeps the commands that tests run. Whoever runs one for a test tells it here, once it has ended well; the commands of
 * each test that passes are written down, for the documentation's to be compared with.
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

/** The commands of the test that is under way. */
const current = new Set<string>();

/** Takes down a command that ended well: its words, without any that only a test adds. */
export function ran(...words: string[]): void {
    current.add(settled(words));
}

/** The same, of commands as they are written in a shell. */
export function typed(commands: readonly string[]): void {
    commands.forEach((command) => ran(...wordsOf(command)));
}

/** The same, of one of the project's scripts. */
export function ranScript(name: string, ...args: string[]): void {
    ran("npm", "run", name, "--", ...args);
}

/** What the processes of one run of the tests wrote into a folder. */
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
        // Those of hooks that no test stands for.
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
        // Each process has a file of its own: suites run side by side.
        appendFileSync(join(folder, `${process.pid}.jsonl`), lines.map((line) => `${line}\n`).join(""));
    },
};
