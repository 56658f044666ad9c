/** Checks the changed files within a minute. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mistake } from "../../common/mistake";
import { parseJson } from "../../common/json";
import { CHECKOUT } from "../local/paths";
import { mustRun, run } from "../local/processes";
import { affectedTests, type Module } from "../testing/affected";
import { IMPORTERS } from "../testing/lint";
import { ensureLinter } from "../testing/linters";
import { duration } from "../terminal/steps";

/** A check: its name and its work. The work is undefined if the change does not concern the check. */
interface Check {
    readonly name: string;
    readonly command: () => Promise<readonly [string, ...string[]] | undefined>;
}

/** A small machine has two cores, and each check uses one. */
const SIDE_BY_SIDE = 2;
const FORMATTED = /\.(ts|mjs|cjs|json|ya?ml|md)$/;

export async function check({ since }: { readonly since?: string | undefined }): Promise<number> {
    const began = Date.now();
    const changed = await changedSince(since ?? (await base()));
    if (changed.length === 0) {
        console.log("Nothing has changed.");
        return 0;
    }
    console.log(`${changed.length} changed files`);
    const open = checksOf(changed);
    let failed = 0;
    const work = async (): Promise<void> => {
        for (let next = open.shift(); next !== undefined; next = open.shift()) {
            const passed = await passes(next);
            failed += passed ? 0 : 1;
        }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    console.log(`${failed === 0 ? "All passed" : `${failed} failed`}, in ${duration(Date.now() - began)}`);
    return failed === 0 ? 0 : 1;
}

/** The slowest first. */
function checksOf(changed: readonly string[]): Check[] {
    // The tests that a change can break and the order of imports both follow from all imports, which take seconds to find.
    let found: Promise<Module[]> | undefined;
    const imports = (): Promise<Module[]> => (found ??= findImports());
    const there = changed.filter((file) => existsSync(join(CHECKOUT, file)));
    const typescript = there.filter((file) => file.endsWith(".ts"));
    const formatted = there.filter((file) => FORMATTED.test(file));
    const python = there.filter((file) => file.endsWith(".py"));
    return [
        {
            name: "unit tests",
            command: async () => {
                const tests = affectedTests(await imports(), changed, textOf);
                return tests.length === 0
                    ? undefined
                    : node("mocha/bin/mocha.js", "--reporter=dot", "--parallel", "--jobs=2", ...tests);
            },
        },
        checkOf("types", [...changed], () =>
            node("typescript/bin/tsc", "--noEmit", "--incremental", "--tsBuildInfoFile", TYPES),
        ),
        checkOf("eslint", typescript, () => node("eslint/bin/eslint.js", ...typescript)),
        checkOf("prettier", formatted, () =>
            node("prettier/bin/prettier.cjs", "--check", "--log-level=warn", ...formatted),
        ),
        {
            name: "imports",
            command: async () => {
                if (typescript.length === 0) {
                    return undefined;
                }
                await imports();
                return node("dependency-cruiser/bin/depcruise-fmt.mjs", "--exit-code", IMPORTS);
            },
        },
        {
            name: "ruff",
            command: async () =>
                python.length === 0
                    ? undefined
                    : [await ensureLinter("ruff"), "check", "--no-cache", "--quiet", ...python],
        },
    ];
}

const CACHE = "node_modules/.cache/seismic-mlops";
const TYPES = `${CACHE}/types.tsbuildinfo`;
const IMPORTS = `${CACHE}/imports.json`;

function checkOf(
    name: string,
    files: readonly string[],
    command: () => readonly [string, ...string[]],
): Check {
    return { name, command: () => Promise.resolve(files.length === 0 ? undefined : command()) };
}

function node(program: string, ...args: string[]): [string, ...string[]] {
    return [process.execPath, `node_modules/${program}`, ...args];
}

async function passes({ name, command }: Check): Promise<boolean> {
    const began = Date.now();
    const words = await command();
    if (words === undefined) {
        return true;
    }
    const [file, ...args] = words;
    // No setting of this machine's docker command may reach the unit tests.
    const env = { ...process.env, DOCKER_CONTEXT: "" };
    const { code, stdout, tail } = await run(file, args, { cwd: CHECKOUT, env });
    console.log(`  ${code === 0 ? "passed" : "FAILED"}: ${name}, ${duration(Date.now() - began)}`);
    if (code !== 0) {
        console.log([stdout, tail].filter((text) => text !== "").join("\n"));
    }
    return code === 0;
}

/** The commit where this branch left its upstream, or the last commit if there is no upstream. */
async function base(): Promise<string> {
    const { code, stdout } = await run("git", ["merge-base", "HEAD", "@{upstream}"], { cwd: CHECKOUT });
    return code === 0 ? stdout.trim() : "HEAD";
}

async function changedSince(ref: string): Promise<string[]> {
    const tracked = await lines("diff", "--name-only", "--no-renames", ref, "--");
    const added = await lines("ls-files", "--others", "--exclude-standard");
    return [...new Set([...tracked, ...added])].sort();
}

async function lines(...args: string[]): Promise<string[]> {
    const { stdout } = await mustRun("git", args, { cwd: CHECKOUT, remedy: "Give another --since." });
    return stdout.split("\n").filter((line) => line !== "");
}

/** Finds what each file imports, and whether it may; IMPORTS keeps both. */
async function findImports(): Promise<Module[]> {
    const [file, ...args] = node(
        "dependency-cruiser/bin/dependency-cruise.mjs",
        "--output-type=json",
        ...IMPORTERS,
    );
    const { stdout, tail } = await run(file, args, { cwd: CHECKOUT });
    const cruised = parseJson(stdout) as Cruised | undefined;
    if (cruised === undefined) {
        throw mistake(`dependency-cruiser: its output cannot be read\n${tail}`);
    }
    mkdirSync(join(CHECKOUT, CACHE), { recursive: true });
    writeFileSync(join(CHECKOUT, IMPORTS), stdout);
    return cruised.modules.map(({ source, dependencies }) => ({
        source,
        imports: dependencies.map(({ resolved }) => resolved),
    }));
}

interface Cruised {
    readonly modules: readonly {
        readonly source: string;
        readonly dependencies: readonly { readonly resolved: string }[];
    }[];
}

function textOf(source: string): string {
    const file = join(CHECKOUT, source);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
}
