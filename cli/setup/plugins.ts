/** The provider plugins in the project's own Pulumi home. They are downloaded, or built from toolchain/plugins. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { mistake } from "../../common/mistake";
import { buildPlugins, requireGo } from "./goBuild";
import { versions } from "../local/paths";
import { DOWNLOAD_STALL_MS, run } from "../local/processes";
import { say, step } from "../terminal/steps";
import { inTemporaryFolder } from "../local/temporary";

interface Target {
    readonly pulumi: string;
    /** A Pulumi home: PULUMI_HOME. */
    readonly home: string;
    readonly mayDownload: boolean;
}

export interface Plugin {
    readonly name: "docker" | "random";
    readonly version: string;
    readonly file: string;
}

/** The plugins that are missing in a Pulumi home. */
export function missingPlugins(home: string): Plugin[] {
    return plugins(home).filter((plugin) => !existsSync(plugin.file));
}

export async function ensurePlugins(target: Target): Promise<void> {
    const missing = missingPlugins(target.home);
    const rest = target.mayDownload ? await downloadPlugins(target, missing) : missing;
    if (rest.length > 0) {
        await buildAndInstall(target, rest);
    }
}

function plugins(home: string): Plugin[] {
    const pinned = versions();
    return (["docker", "random"] as const).map((name) => ({
        name,
        version: pinned[name],
        file: join(home, "plugins", `resource-${name}-v${pinned[name]}`, `pulumi-resource-${name}`),
    }));
}

async function buildAndInstall(target: Target, rest: readonly Plugin[]): Promise<void> {
    await requireGo();
    await inTemporaryFolder(dirname(target.home), async (folder) => {
        const names = rest.map((plugin) => plugin.name);
        await step(`Pulumi plugins ${names.join(" and ")}, Go build (1 to 2 min on 2 cores)`, (report) =>
            buildPlugins(folder, names, report),
        );
        for (const plugin of rest) {
            await installPlugin(target, plugin, ["--file", join(folder, plugin.name)]);
        }
    });
    const failed = rest.find((plugin) => !existsSync(plugin.file));
    if (failed !== undefined) {
        throw mistake(
            `${failed.file}: not there after its installation. Remove ${target.home} and run this again.`,
        );
    }
}

/** @returns the plugins that could not be downloaded */
async function downloadPlugins(target: Target, missing: readonly Plugin[]): Promise<Plugin[]> {
    const rest: Plugin[] = [];
    for (const plugin of missing) {
        // If one download is out of reach, the next one is too.
        if (rest.length > 0) {
            rest.push(plugin);
            continue;
        }
        const code = await step(
            `Pulumi plugin ${plugin.name} ${plugin.version}, try the official download`,
            () => installPlugin(target, plugin, []),
        );
        if (code !== 0 || !existsSync(plugin.file)) {
            say("  not reached from here; it is built from Go modules instead");
            rest.push(plugin);
        }
    }
    return rest;
}

async function installPlugin({ pulumi, home }: Target, plugin: Plugin, source: string[]): Promise<number> {
    const { code } = await run(
        pulumi,
        ["plugin", "install", "resource", plugin.name, `v${plugin.version}`, ...source],
        {
            env: { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
            stall: { folder: home, ms: DOWNLOAD_STALL_MS },
        },
    );
    return code;
}
