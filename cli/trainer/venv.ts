/** Virtual environments with the packages of a lock file, made once for each lock and kept in the cache. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { short } from "../../common/hashes";
import { mistake } from "../../common/mistake";
import { withLock } from "../local/lock";
import { CHECKOUT, PROJECT } from "../local/paths";
import { allOnPath, mustRun, run } from "../local/processes";
import type { Report } from "../terminal/steps";

/** The Python of images/base, which is Debian trixie's. */
export const PYTHON_VERSION = "3.13";
const CACHE = join(CHECKOUT, "node_modules", ".cache", PROJECT, "venvs");
/** This file is written last, so an environment that has it is complete. */
const COMPLETE = "complete";
const SHOWN = 80;
const NAMES = [`python${PYTHON_VERSION}`, "python3", "python"];

/** A Python on this machine: the executable, and its whole version. */
export interface Python {
    readonly file: string;
    /** "3.13.5" */
    readonly version: string;
}

/**
 * Finds a Python of the images' version.
 *
 * @param given the executable of --python; without it the first suitable one on PATH
 * @throws a mistake when there is none, or the given one has another version
 */
export async function findPython(given: string | undefined, path?: string): Promise<Python> {
    const files = given === undefined ? NAMES.flatMap((name) => allOnPath(name, path)) : [given];
    const seen: string[] = [];
    for (const file of files) {
        const version = await versionOf(file);
        if (version?.startsWith(`${PYTHON_VERSION}.`)) {
            return { file, version };
        }
        seen.push(`${file} is ${version ?? "no Python that starts"}`);
    }
    const found = seen.length === 0 ? "PATH has no Python" : seen.join(", ");
    throw mistake(
        `--python: ${found}; the images have ${PYTHON_VERSION}. Give the path of a Python ${PYTHON_VERSION}, ` +
            `or install one: uv python install ${PYTHON_VERSION}`,
    );
}

async function versionOf(file: string): Promise<string | undefined> {
    const { code, stdout } = await run(file, ["-c", "import platform; print(platform.python_version())"]);
    return code === 0 ? stdout.trim() : undefined;
}

/**
 * The folder of a virtual environment with exactly the packages of a lock, each checked by its hash. The same lock and
 * the same Python give the same folder.
 *
 * @param lock a requirements file with hashes; undefined for an environment without packages
 * @throws a mistake with pip's last lines when the packages cannot be installed
 */
export async function ensureVenv(
    python: Python,
    lock: string | undefined,
    report: Report,
    cache = CACHE,
): Promise<string> {
    const folder = join(cache, venvKey(python, lock));
    const complete = join(folder, COMPLETE);
    if (existsSync(complete)) {
        return folder;
    }
    mkdirSync(cache, { recursive: true });
    const make = async (): Promise<void> => {
        if (existsSync(complete)) {
            return;
        }
        rmSync(folder, { recursive: true, force: true });
        await makeVenv(python, lock, folder, report);
        writeFileSync(complete, "");
    };
    await withLock(`${folder}.lock`, make, "virtual environment");
    return folder;
}

/** Names an environment by its lock, its Python, and the kind of machine. */
export function venvKey(python: Python, lock: string | undefined): string {
    const facts = [process.platform, process.arch, python.file, python.version];
    // Comments say where a lock is from. A copy of a lock has the same packages.
    const packages = lock === undefined ? "" : readFileSync(lock, "utf8").replace(/^\s*#.*\n/gm, "");
    return short(createHash("sha256").update(JSON.stringify(facts)).update(packages).digest("hex"));
}

/** An environment is made in its final place, because its programs have the place in their first line. */
async function makeVenv(
    python: Python,
    lock: string | undefined,
    folder: string,
    report: Report,
): Promise<void> {
    const bare = lock === undefined ? ["--without-pip"] : [];
    await mustRun(python.file, ["-m", "venv", ...bare, folder], {
        report,
        remedy: `Is its module venv installed? On Debian: apt-get install python${PYTHON_VERSION}-venv`,
    });
    if (lock !== undefined) {
        const install = ["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "-r", lock];
        await mustRun(join(folder, "bin", "python"), install, {
            // A line of pip names all packages.
            report: (line) => report(line.slice(0, SHOWN)),
            remedy: "Is the Python package index reached? Does the lock have a hash of each package?",
        });
    }
}
