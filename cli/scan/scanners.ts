/** The scanners and their runs. toolchain/scanners pins the versions, and the cache keeps the scanners. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mistake } from "../../common/mistake";
import { CLI, goBuild, LANGUAGE_HOST, requireGo, TAGS } from "../setup/goBuild";
import { cacheFolder, CHECKOUT, contentKey, filesBelow } from "../local/paths";
import { pipInstall } from "../setup/pip";
import { mustRun, run } from "../local/processes";
import { step, type Report } from "../terminal/steps";
import { inTemporaryFolder } from "../local/temporary";
import type { Finding } from "./findings";
import { goFindings, npmFindings, pipFindings } from "./reports";

const SCANNERS = join("toolchain", "scanners");
const GOVULNCHECK = "golang.org/x/vuln/cmd/govulncheck";
/** The Go modules, with the packages that are built from them. No other code of their dependencies runs. */
export const GO_MODULES: Readonly<Record<string, readonly string[]>> = {
    cli: [CLI, "./policyhost"],
    nodejs: [LANGUAGE_HOST],
    plugins: ["./docker", "./random"],
    "linters/actionlint": ["github.com/rhysd/actionlint/cmd/actionlint"],
    "scanners/govulncheck": [GOVULNCHECK],
};
const NPM_LOCK = "package-lock.json";
/** The file beside pip-audit that names the Python of its wheels. */
const PYTHON = "python";

/** The name of the scan of one lock file or Go module, and its findings. */
export interface Scan {
    readonly name: string;
    readonly findings: () => Promise<Finding[]>;
}

/** All scans: one for every lock file that git knows, and one for every Go module. */
export async function scans(): Promise<Scan[]> {
    const listed = await mustRun("git", ["ls-files", "-co", "--exclude-standard", "*requirements*.txt"], {
        cwd: CHECKOUT,
        remedy: "Is this a clone?",
    });
    const locks = listed.stdout.split("\n").filter((file) => file !== "" && existsSync(join(CHECKOUT, file)));
    return [
        { name: NPM_LOCK, findings: npm },
        ...locks.sort().map((file) => ({ name: file, findings: () => pip(file) })),
        ...Object.entries(GO_MODULES).map(([module, packages]) => {
            const name = join("toolchain", module, "go.mod");
            return { name, findings: () => go(name, module, packages) };
        }),
    ];
}

async function npm(): Promise<Finding[]> {
    // The exit code is 1 for a finding, but also when the registry refuses.
    const { stdout } = await run("npm", ["audit", "--json", "--package-lock-only"], { cwd: CHECKOUT });
    return npmFindings(NPM_LOCK, stdout);
}

async function pip(file: string): Promise<Finding[]> {
    const { python, folder } = await pipAudit();
    const options = ["--format=json", "--progress-spinner=off", "--disable-pip", "--require-hashes"];
    const { stdout, tail } = await run(python, ["-m", "pip_audit", ...options, "-r", file], {
        cwd: CHECKOUT,
        env: { ...process.env, PYTHONPATH: folder },
    });
    if (stdout.trim() === "") {
        throw mistake(`${file}: pip-audit failed; is its database reached?\n${tail}`);
    }
    return pipFindings(file, stdout);
}

async function go(name: string, module: string, packages: readonly string[]): Promise<Finding[]> {
    const govulncheck = await ensureGovulncheck();
    const { code, stdout, tail } = await run(govulncheck, ["-format=json", `-tags=${TAGS}`, ...packages], {
        cwd: join(CHECKOUT, "toolchain", module),
        env: { ...process.env, GOWORK: "off", GOFLAGS: "-mod=readonly" },
    });
    if (code !== 0) {
        const own = tail.split("\n").filter((line) => line.startsWith("govulncheck: "));
        const said = own.length > 0 ? own.join("\n") : tail;
        throw mistake(`${name}: govulncheck failed; is its database reached?\n${said}`);
    }
    const { findings, uncalled } = goFindings(name, stdout);
    if (uncalled > 0) {
        console.log(`  ${name}: ${uncalled} more in code that is never called`);
    }
    return findings;
}

async function pipAudit(): Promise<{ python: string; folder: string }> {
    const requirements = join(CHECKOUT, SCANNERS, "pip-audit", "requirements.txt");
    const wanted = { situation: "pip-audit is not there", remedy: "give python3 a pip" };
    // A wheel belongs to one Python.
    const { stdout } = await run("python3", [
        "-c",
        "import sys; print(sys.version_info[:2], sys.executable)",
    ]);
    const folder = await made("pip-audit", [stdout], async (target, report) => {
        writeFileSync(join(target, PYTHON), await pipInstall(target, requirements, wanted, report));
    });
    return { python: readFileSync(join(folder, PYTHON), "utf8"), folder };
}

async function ensureGovulncheck(): Promise<string> {
    const folder = await made("govulncheck", [], async (target, report) => {
        await requireGo({ situation: "govulncheck is not there", instead: "have the workflow scan look" });
        await goBuild(join("scanners", "govulncheck"), ["-o", `${target}/`, GOVULNCHECK], report);
    });
    return join(folder, "govulncheck");
}

/** A scanner's folder in the cache. It is made again when the scanner's pins have changed. */
async function made(
    name: string,
    facts: readonly string[],
    make: (folder: string, report: Report) => Promise<void>,
): Promise<string> {
    const source = join(CHECKOUT, SCANNERS, name);
    const all = join(cacheFolder(), "scanners");
    const folder = join(all, `${name}-${contentKey(source, filesBelow(source), facts)}`);
    if (!existsSync(folder)) {
        await inTemporaryFolder(all, async (making) => {
            await step(name, (report) => make(making, report));
            renameSync(making, folder);
        });
    }
    return folder;
}
