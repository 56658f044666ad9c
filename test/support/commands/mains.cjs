/** Runs the main functions of the project's scripts for the cases in a file, and prints what each wrote and how it ended. */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const steps = require(join(process.cwd(), "cli", "terminal", "steps.ts"));

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
let run;
steps.main = (it) => {
    run = it;
};

async function ended({ script, args, env = {} }) {
    const path = join(process.cwd(), "cli", "work", `${script}.ts`);
    delete require.cache[path];
    require(path);
    const said = { stdout: "", stderr: "" };
    const { log, error } = console;
    console.log = (text) => (said.stdout += `${text}\n`);
    console.error = (text) => (said.stderr += `${text?.stack ?? text}\n`);
    const before = { ...process.env };
    Object.assign(process.env, env);
    try {
        return { code: await steps.ended(run, args), ...said };
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
