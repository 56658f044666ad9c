/** Installs wheels into a folder, by hash. */
import { mistake } from "../../common/mistake";
import { installPackages, mayInstallPackages } from "./packages";
import { mustRun, run } from "../local/processes";
import { type Report } from "../terminal/steps";

/**
 * Programs that install wheels, with the same options. If another Python is first on PATH, Debian's pip does not
 * belong to it.
 */
const PIPS = [
    ["python3", "-m", "pip"],
    ["uv", "pip"],
    ["/usr/bin/python3", "-m", "pip"],
] as const;

/** The thing to install, and what a person can do instead. */
export interface Wanted {
    /** "zizmor: 1.2.3 is not on PATH". */
    readonly situation: string;
    readonly remedy: string;
}

/**
 * Installs the packages that a requirements file pins by hash, and nothing else.
 *
 * @returns the Python that the wheels belong to
 */
export async function pipInstall(
    folder: string,
    requirements: string,
    wanted: Wanted,
    report: Report,
): Promise<string> {
    const [command, ...args] = await ensurePip(wanted, report);
    await mustRun(
        command,
        [...args, "install", "--target", folder, "--no-deps", "--require-hashes", "-r", requirements],
        { report, remedy: `Is the Python package index reached? Or ${wanted.remedy}.` },
    );
    return command === "uv" ? "python3" : command;
}

async function ensurePip(
    { situation, remedy }: Wanted,
    report: Report,
): Promise<readonly [string, ...string[]]> {
    let pip = await findPip();
    if (pip === undefined && mayInstallPackages()) {
        await installPackages(["python3-pip"], report);
        pip = await findPip();
    }
    if (pip === undefined) {
        throw mistake(
            `${situation}, and getting it needs pip or uv.\nInstall one of them, or ${remedy}; then run this again.`,
        );
    }
    return pip;
}

async function findPip(): Promise<(typeof PIPS)[number] | undefined> {
    for (const pip of PIPS) {
        const [command, ...args] = pip;
        if ((await run(command, [...args, "--help"])).code === 0) {
            return pip;
        }
    }
    return undefined;
}
