/**
 * Compares an `up` with nothing to do with the `up` of an empty TypeScript program, as
 * `pulumi new typescript` makes it. The two run in turn, on the same toolchain. The stack
 * must be up with `training.run: on-change`, because with `always` there is something to do:
 *
 *   npm run bench:idle -- [--stack dev] [--runs 5] [--folder FOLDER] [--short]
 *
 * FOLDER is the checkout of the stack; the default is this checkout. --short is for the
 * tests: it shows that everything works, and its figures say nothing.
 */
import { execFileSync, spawn } from "node:child_process";
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import { CHECKOUT } from "../cli/local/paths";
import { existingEnvironment } from "../cli/setup/prepare";

const POLL_MS = 50;
const PASSPHRASE = "bench";
const RUNS = 5;
const SHORT_RUNS = 1;

interface Timed {
    seconds: number;
    /** Largest resident set of the program's process, megabytes. */
    megabytes: number;
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            stack: { type: "string", default: "dev" },
            runs: { type: "string" },
            folder: { type: "string", default: CHECKOUT },
            short: { type: "boolean", default: false },
        },
    });
    const runs = Number(values.runs ?? (values.short ? SHORT_RUNS : RUNS));
    const environment = await existingEnvironment();
    if (environment === undefined) {
        throw new Error("nothing is set up yet; run: npm run setup");
    }
    const { env, pulumi } = environment;
    const folder = emptyProgram();
    const emptyEnv = {
        ...env,
        PATH: `${plainHost(pulumi, folder)}:${env.PATH}`,
        PULUMI_BACKEND_URL: `file://${folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    };
    const up = (stack: string) => ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack];
    const ours = () => timed(pulumi, [...up(values.stack), "--expect-no-changes"], values.folder, env);
    const empty = () => timed(pulumi, up("bench"), folder, emptyEnv);
    try {
        await timed(pulumi, ["stack", "init", "bench"], folder, emptyEnv);
        // The first runs fill caches and make the empty stack.
        await empty();
        if (!values.short) {
            await ours();
        }
        const pairs: [Timed, Timed][] = [];
        for (let run = 0; run < runs; run += 1) {
            pairs.push([await ours(), await empty()]);
        }
        console.log(`up with nothing to do, medians of ${runs} pairs`);
        console.log(`  stack ${values.stack}: ${median(pairs.map(([a]) => a.seconds)).toFixed(2)} s`);
        console.log(`  empty program: ${median(pairs.map(([, b]) => b.seconds)).toFixed(2)} s`);
        console.log(`  ratio: ${median(pairs.map(([a, b]) => a.seconds / b.seconds)).toFixed(2)}`);
        console.log(
            `  the program's memory, largest: ${Math.max(...pairs.map(([a]) => a.megabytes)).toFixed(0)} MB`,
        );
    } finally {
        rmSync(folder, { recursive: true });
    }
}

function emptyProgram(): string {
    const folder = mkdtempSync(join(tmpdir(), "seismic-empty-"));
    mkdirSync(join(folder, "state"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: empty\nruntime: nodejs\n");
    copyFileSync(join(CHECKOUT, "tsconfig.json"), join(folder, "tsconfig.json"));
    writeFileSync(join(folder, "package.json"), '{ "name": "empty", "main": "index.ts" }\n');
    writeFileSync(join(folder, "index.ts"), 'import "@pulumi/pulumi";\n');
    symlinkSync(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
    // A program lives in a repository, and Pulumi notes the repository's state.
    const git = (...args: string[]) =>
        execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.org", ...args], {
            cwd: folder,
        });
    git("init", "-q");
    git("add", "index.ts", "package.json", "Pulumi.yaml", "tsconfig.json");
    git("commit", "-q", "-m", "an empty program");
    return folder;
}

/** A folder with the language host that setup built, if there is one. This host runs without this project's flags. */
function plainHost(pulumi: string, folder: string): string {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    const host = join(dirname(pulumi), "pulumi-language-nodejs-host");
    if (existsSync(host)) {
        symlinkSync(host, join(bin, "pulumi-language-nodejs"));
    }
    return bin;
}

async function timed(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Timed> {
    const began = process.hrtime.bigint();
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    let megabytes = 0;
    const poll = setInterval(() => (megabytes = Math.max(megabytes, programMegabytes(cwd))), POLL_MS);
    const code = await new Promise<number | null>((done) => child.once("exit", done));
    clearInterval(poll);
    if (code !== 0) {
        throw new Error(`pulumi ${args.join(" ")}: exit code ${code}\n${output}`);
    }
    return { seconds: Number(process.hrtime.bigint() - began) / 1e9, megabytes };
}

/** The peak memory so far of the Pulumi program that runs for this folder, in megabytes; 0 when none runs. */
function programMegabytes(folder: string): number {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
            const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
            if (command.includes("cmd/run/index.js") && command.includes(`\0${folder}\0`)) {
                const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
                return Number(peak?.[1] ?? 0) / 1024;
            }
        } catch {
            // The process ended between two looks.
        }
    }
    return 0;
}

function median(values: number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
}

main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
