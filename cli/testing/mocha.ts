/** Runs a folder of mocha tests, or some of its files, in their own process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { mistake } from "../../common/mistake";
import { CHECKOUT, filesBelow, PROJECT } from "../local/paths";
import { runOnTerminal } from "../local/processes";
import { readTally, settled, type Tally } from "./tally";

const SUFFIX = ".test.ts";
const REPORTER = join(__dirname, "reporter.ts");

interface Choice {
    /** Names of files without their suffix. Empty means all files. */
    readonly named?: readonly string[];
    /** Files that begin before the others, in this order. */
    readonly first?: readonly string[];
    readonly options?: readonly string[];
}

export async function mocha(
    folder: string,
    env: NodeJS.ProcessEnv,
    { named = [], first = [], options = [] }: Choice = {},
): Promise<Tally> {
    const place = (file: string): number => first.indexOf(basename(file, SUFFIX)) + 1 || Infinity;
    const all = filesBelow(join(CHECKOUT, folder)).filter((file) => file.endsWith(SUFFIX));
    const names = all.map((file) => basename(file, SUFFIX));
    const unknown = named.find((name) => !names.includes(name));
    if (unknown !== undefined) {
        throw mistake(`${folder}: has no ${unknown}${SUFFIX}; there are ${names.sort().join(", ")}.`);
    }
    const files = all
        .filter((file) => named.length === 0 || named.includes(basename(file, SUFFIX)))
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
