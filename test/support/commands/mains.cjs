/** Runs the program for the cases in a file, and prints what each wrote and how it ended. */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const own = (file) => require(join(process.cwd(), "cli", file));
const { ended: exitOf } = own("terminal/steps.ts");
const { runProgram } = own("terminal/program.ts");
const { VERBS } = own("verbs.ts");

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));

async function ended({ script, args, env = {}, isTerminal = false }) {
    const said = { stdout: "", stderr: "" };
    const { log, error } = console;
    console.log = (text) => (said.stdout += `${text}\n`);
    console.error = (text) => (said.stderr += `${text?.stack ?? text}\n`);
    const before = { ...process.env };
    Object.assign(process.env, env);
    try {
        const caller = { env: process.env, folder: process.cwd(), isTerminal };
        return {
            code: await exitOf((words) => runProgram(VERBS, words, caller), [script, ...args]),
            ...said,
        };
    } finally {
        Object.assign(console, { log, error });
        Object.keys(process.env).forEach((name) => delete process.env[name]);
        Object.assign(process.env, before);
    }
}

(async () => {
    const all = [];
    for (const it of cases) {
        all.push(await ended(it));
    }
    process.stdout.write(JSON.stringify(all));
})();
