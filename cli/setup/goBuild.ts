/**
 * Builds the Go modules of toolchain/: Pulumi's parts, where only package registries can be reached, and a linter.
 */
import { copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import { mistake } from "../../common/mistake";
import { CHECKOUT } from "../local/paths";
import { mustRun, run } from "../local/processes";
import { type Report } from "../terminal/steps";

export const CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const SDK = "github.com/pulumi/pulumi/sdk/v3";
export const LANGUAGE_HOST = `${SDK}/nodejs/cmd/pulumi-language-nodejs`;
/** The first Go that downloads the toolchain named by a go.mod. */
const OLDEST_GO = [1, 21] as const;

/**
 * Build tags that leave out parts of Pulumi's modules that Pulumi does not use. disable_grpc_modules leaves out
 * Google Cloud Storage's client over gRPC, because Pulumi uses the client over HTTP. no_compose leaves out a resource
 * that @pulumi/docker does not have.
 */
export const TAGS = "disable_grpc_modules,no_compose";
/**
 * At Go's default of 100, the compiler spends up to a third of its time on collecting garbage.
 * At 400 the largest package takes 0.9 GB of memory instead of 0.6; 800 is no faster.
 */
const COMPILER_GOGC = "400";

/** The disk that Go needs to build Pulumi, with its caches. */
export const BUILD_GB = 5;
const REMEDY =
    "Go modules come through the Go module proxy (go env GOPROXY): is it reached, " +
    `and is there disk for the build (${BUILD_GB} GB for Pulumi)?`;

/** The thing to build, and what a person can do instead. */
interface Subject {
    readonly situation: string;
    readonly instead: string;
}

const PULUMI: Subject = {
    situation: "Pulumi: not on PATH, its download is not reached",
    instead: "install Pulumi (3.245.0 or a later 3.x) and put it on PATH",
};

/** Ends with advice for a person if no usable Go is on PATH. */
export async function requireGo({ situation, instead }: Subject = PULUMI): Promise<void> {
    const { code, stdout } = await run("go", ["env", "GOVERSION"]);
    const match = /^go(\d+)\.(\d+)/.exec(stdout);
    const good = match !== null && Number(match[1]) === OLDEST_GO[0] && Number(match[2]) >= OLDEST_GO[1];
    if (code === 0 && good) {
        return;
    }
    throw mistake(
        [
            `${situation}, and building it needs Go ${OLDEST_GO.join(".")} or later` +
                ` (got ${stdout === "" ? "none" : stdout}).`,
            "Do one of these, then run this again:",
            `  - ${instead}`,
            "  - install Go and put it on PATH",
        ].join("\n"),
    );
}

/** Downloads the modules from which the CLI and the `plugins` are built, and no other modules of their go.mod. */
export async function fetchModules(plugins: readonly string[], report: Report): Promise<void> {
    const wanted = { cli: [CLI, "./policyhost"], plugins: plugins.map((name) => `./${name}`) };
    for (const [module, packages] of Object.entries(wanted).filter(([, list]) => list.length > 0)) {
        const options = ["-deps", "-mod=readonly", "-tags", TAGS];
        await mustRun("go", ["list", ...options, ...packages], { ...within(module), report, remedy: REMEDY });
    }
}

/** @returns the CLI, after the program that runs its policy packs */
export async function buildPulumi(folder: string, version: string, report: Report): Promise<string[]> {
    // Without this stamp, the CLI calls itself a development version, and programs refuse it.
    const stamp = `-X ${SDK}/go/common/version.Version=v${version}`;
    await goBuild("cli", ["-ldflags", `-s -w ${stamp}`, "-o", `${folder}/`, CLI, "./policyhost"], report);
    return ["policyhost", "pulumi"].map((name) => join(folder, name));
}

/** @returns the language host and its scripts; the last one is the file that Pulumi calls */
export async function buildLanguageHost(folder: string, report: Report): Promise<string[]> {
    const file = join(folder, "pulumi-language-nodejs-host");
    await goBuild("nodejs", ["-ldflags", "-s -w", "-o", file, LANGUAGE_HOST], report);
    const cwd = join(CHECKOUT, "toolchain", "nodejs");
    const module = await mustRun("go", ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK], {
        cwd,
        remedy: REMEDY,
    });
    const dynamic = join(module.stdout.trim(), "nodejs", "dist", "pulumi-resource-pulumi-nodejs");
    const wrapper = join(cwd, "pulumi-language-nodejs");
    return [file, ...[dynamic, wrapper].map((script) => copyTo(folder, script))];
}

/** @returns the built files, each with its plugin's name */
export async function buildPlugins(
    folder: string,
    names: readonly string[],
    report: Report,
): Promise<string[]> {
    const packages = names.map((name) => `./${name}`);
    await goBuild("plugins", ["-ldflags", "-s -w", "-o", `${folder}/`, ...packages], report);
    return names.map((name) => join(folder, name));
}

/** Runs `go build` in a module of toolchain/. */
export async function goBuild(module: string, args: readonly string[], report: Report): Promise<void> {
    let packages = 0;
    // The linker leaves out debug information (-s -w), so the compiler need not make it. That saves an eighth of the
    // time.
    const options = ["-v", "-trimpath", "-mod=readonly", "-gcflags=all=-dwarf=false", "-tags", TAGS];
    await mustRun("go", ["build", ...options, ...args], {
        ...within(module),
        // With -v, Go prints each package that it compiles.
        report: (line) => {
            if (line.startsWith("go: ")) {
                report(line);
            } else {
                report(`package ${++packages}, ${line}`);
            }
        },
        remedy: REMEDY,
    });
}

function within(module: string): { cwd: string; env: NodeJS.ProcessEnv } {
    return {
        cwd: join(CHECKOUT, "toolchain", module),
        env: { GOGC: COMPILER_GOGC, ...process.env, GOWORK: "off" },
    };
}

function copyTo(folder: string, file: string): string {
    const copy = join(folder, basename(file));
    copyFileSync(file, copy);
    return copy;
}
