/**
 * The Pulumi CLI with its Node.js language host and the two provider plugins. The order is: a good `pulumi` on PATH,
 * the official download, a build from the Go modules in toolchain/.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { buildLanguageHost, buildPulumi, fetchModules, requireGo } from "./goBuild";
import { cacheFolder, CHECKOUT, toolchainFolder, versions, type Versions } from "../local/paths";
import { allOnPath, DOWNLOAD_STALL_MS, isExecutable, run } from "../local/processes";
import { ensurePlugins, missingPlugins, type Plugin } from "./plugins";
import { say, step, type Report } from "../terminal/steps";
import { inTemporaryFolder } from "../local/temporary";
import { together } from "../local/together";

const LANGUAGE_HOST = "pulumi-language-nodejs";
const VERSION_CALL_STALL_MS = 10_000;

export interface Toolchain {
    /** The `pulumi` to run. Its language host is beside it or on PATH. */
    readonly pulumi: string;
    /** PULUMI_HOME. It has plugins and workspaces, and nothing of the user. */
    readonly home: string;
}

type Origin = "found on PATH" | "downloaded" | "built";

/** Setup's choice of a CLI, which it keeps in the toolchain's folder. */
interface Choice {
    readonly pulumi: string;
    readonly origin: Origin;
    /** Shows whether the file is still the one that setup checked. */
    readonly fingerprint: string;
}

/** The toolchain if it is complete. This only looks at a few files. */
export function readyToolchain(): Toolchain | undefined {
    const { cli, home: pulumiHome, missing } = toolchainParts();
    return cli === undefined || missing.length > 0 ? undefined : { pulumi: cli.pulumi, home: pulumiHome };
}

/** The parts of the toolchain that exist, and the missing plugins. */
export function toolchainParts(): { cli: Choice | undefined; home: string; missing: Plugin[] } {
    return { cli: readChoice(), home: home(), missing: missingPlugins(home()) };
}

/** Makes the toolchain complete. */
export async function ensureToolchain(): Promise<Toolchain> {
    const choice = readChoice() ?? (await choosePulumi());
    // If the CLI could not be downloaded, its plugins cannot be downloaded either.
    await ensurePlugins({ pulumi: choice.pulumi, home: home(), mayDownload: choice.origin !== "built" });
    return { pulumi: choice.pulumi, home: home() };
}

/** Major, minor and patch of the output of `pulumi version`. */
export function parseVersion(text: string): readonly [number, number, number] | undefined {
    const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text.trim());
    return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/**
 * Whether a CLI of version `have` runs a program that was written for version `need`: it has the same major, and is
 * not older.
 */
export function isGoodVersion(have: string, need: string): boolean {
    const [a, b] = [parseVersion(have), parseVersion(need)];
    if (a === undefined || b === undefined || a[0] !== b[0]) {
        return false;
    }
    return a[1] > b[1] || (a[1] === b[1] && a[2] >= b[2]);
}

async function choosePulumi(): Promise<Choice> {
    const pinned = versions();
    mkdirSync(home(), { recursive: true });
    const found = await findOnPath(pinned.pulumi);
    if (found !== undefined) {
        return keepChoice(found, "found on PATH");
    }
    const downloaded = await downloadPulumi();
    if (downloaded !== undefined) {
        return keepChoice(downloaded, "downloaded");
    }
    return keepChoice(await buildCli(pinned), "built");
}

async function findOnPath(needed: string): Promise<string | undefined> {
    for (const pulumi of allOnPath("pulumi")) {
        // This is the project's own CLI of an older toolchain, in a shell with the variables of `npm run env`.
        if (pulumi.startsWith(cacheFolder())) {
            continue;
        }
        const { code, stdout } = await run(pulumi, ["version"], {
            env: { ...process.env, PULUMI_HOME: home(), PULUMI_SKIP_UPDATE_CHECK: "true" },
            stall: { folder: home(), ms: VERSION_CALL_STALL_MS },
        });
        const hasHost =
            isExecutable(join(dirname(pulumi), LANGUAGE_HOST)) || allOnPath(LANGUAGE_HOST).length > 0;
        if (code === 0 && isGoodVersion(stdout, needed) && hasHost) {
            say(`Pulumi CLI: ${pulumi} (${stdout.trim()}) is used`);
            return pulumi;
        }
        const why = hasHost
            ? `version ${stdout.trim()}, ${needed} or a later 3.x is needed`
            : `no ${LANGUAGE_HOST}`;
        say(`Pulumi CLI: ${pulumi} is left alone (${why})`);
    }
    return undefined;
}

/** The official download; undefined when it cannot be reached. */
async function downloadPulumi(): Promise<string | undefined> {
    return inTemporaryFolder(toolchainFolder(), async (temporary) => {
        const root = join(temporary, "root");
        const install =
            "require('@pulumi/pulumi/automation').PulumiCommand.install({ root: process.argv[1] })";
        const onFailure = "(error) => { console.error(error.message); process.exit(1); }";
        const result = await step("Pulumi CLI, try the official download", (report) =>
            run(process.execPath, ["-e", `${install}.catch(${onFailure})`, root], {
                cwd: CHECKOUT,
                env: { ...process.env, TMPDIR: temporary, PULUMI_HOME: home() },
                report,
                stall: { folder: temporary, ms: DOWNLOAD_STALL_MS },
            }),
        );
        if (result.code !== 0 || !isExecutable(join(root, "bin", LANGUAGE_HOST))) {
            say("  not reached from here; it is built from Go modules instead");
            return undefined;
        }
        rmSync(binFolder(), { recursive: true, force: true });
        renameSync(join(root, "bin"), binFolder());
        return join(binFolder(), "pulumi");
    });
}

async function buildCli(pinned: Versions): Promise<string> {
    await requireGo();
    mkdirSync(binFolder(), { recursive: true });
    const missing = missingPlugins(home()).map(({ name }) => name);
    // Build the smallest part first: it keeps the cores busy while the modules of the others are downloaded.
    await together(
        async () => {
            await builtOnce(LANGUAGE_HOST, "Pulumi's Node.js language host, Go build", buildLanguageHost);
            await builtOnce("pulumi", "Pulumi CLI, Go build (2 min on 2 cores)", (folder, report) =>
                buildPulumi(folder, pinned.pulumi, report),
            );
        },
        () =>
            step("Go modules of the Pulumi CLI and its plugins, download", (report) =>
                fetchModules(missing, report),
            ),
    );
    return join(binFolder(), "pulumi");
}

function binFolder(): string {
    return join(toolchainFolder(), "bin");
}

function home(): string {
    return join(toolchainFolder(), "home");
}

function choiceFile(): string {
    return join(toolchainFolder(), "pulumi.json");
}

function readChoice(): Choice | undefined {
    let text: string;
    try {
        text = readFileSync(choiceFile(), "utf8");
    } catch {
        return undefined;
    }
    const choice = JSON.parse(text) as Choice;
    return fingerprint(choice.pulumi) === choice.fingerprint ? choice : undefined;
}

function keepChoice(pulumi: string, origin: Origin): Choice {
    const choice = { pulumi, origin, fingerprint: fingerprint(pulumi) };
    const temporary = `${choiceFile()}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify(choice)}\n`);
    renameSync(temporary, choiceFile());
    return choice;
}

function fingerprint(file: string): string {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? "none" : `${stat.size} ${stat.mtimeMs}`;
}

/** Builds in a temporary folder, then moves the results, `name` last. So a build that is cut off is made again. */
async function builtOnce(
    name: string,
    title: string,
    build: (folder: string, report: Report) => Promise<string[]>,
): Promise<void> {
    if (isExecutable(join(binFolder(), name))) {
        return;
    }
    await inTemporaryFolder(toolchainFolder(), async (folder) => {
        for (const file of await step(title, (report) => build(folder, report))) {
            chmodSync(file, 0o755);
            renameSync(file, join(binFolder(), basename(file)));
        }
    });
}
