/** A folder of mocha tests, in a process of their own; the files named `first` are begun first, in that order. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CHECKOUT, filesBelow, PROJECT } from "../setup/paths";
import { runOnTerminal } from "../setup/processes";
import { settled, type Tally } from "./tally";

const SUFFIX = ".test.ts";
const REPORTER = join(__dirname, "reporter.ts");

export async function mocha(
    folder: string,
    env: NodeJS.ProcessEnv,
    options: readonly string[] = [],
    first: readonly string[] = [],
): Promise<Tally> {
    const place = (file: string): number => first.indexOf(basename(file, SUFFIX)) + 1 || Infinity;
    const files = filesBelow(join(CHECKOUT, folder))
        .filter((file) => file.endsWith(SUFFIX))
        .sort((a, b) => place(a) - place(b) || 0);
    if (files.length === 0) {
        console.error(`${folder}: holds no *.test.ts`);
        return settled(undefined, 1);
    }
    const temporary = mkdtempSync(join(tmpdir(), `${PROJECT}-tally-`));
    const tallyFile = join(temporary, "tally.json");
    try {
        const code = await runOnTerminal(
            process.execPath,
            ["node_modules/mocha/bin/mocha.js", "--reporter", REPORTER, ...options, ...files],
            { ...env, MOCHA_TALLY_FILE: tallyFile },
            CHECKOUT,
        );
        return settled(readTally(tallyFile), code);
    } finally {
        rmSync(temporary, { recursive: true, force: true });
    }
}

/** The counts; undefined when mocha ended before it wrote them. */
function readTally(file: string): Tally | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as Tally;
    } catch {
        return undefined;
    }
}
