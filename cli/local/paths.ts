/** The folders of setup. All are outside the checkout. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { short } from "../../common/hashes";

/** This tool's name in cache folders, image tags and labels. It does not depend on the project's name. */
export const PROJECT = "seismic-mlops";

/** The mode of a file that holds a secret. */
export const OWNER_ONLY = 0o600;

export const CHECKOUT = resolve(__dirname, "..", "..");
/** The folder of a team's own trainers, as `trainer new` makes them. */
export const OWN_TRAINERS = "trainers";

/** Versions of the packages that Pulumi needs at run time, as package.json pins them. */
export interface Versions {
    readonly pulumi: string;
    readonly docker: string;
    readonly random: string;
}

export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
    return join(baseFolder(env.XDG_CACHE_HOME, ".cache"), PROJECT);
}

export function dataFolder(env: NodeJS.ProcessEnv = process.env): string {
    return join(baseFolder(env.XDG_DATA_HOME, ".local", "share"), PROJECT);
}

/** The folders of toolchain/ from which Pulumi is built. The linters do not count in its key. */
const PULUMI_MODULES = ["cli", "leftOut", "nodejs", "plugins"];

/** The toolchain's folder. Other sources or versions give another folder. */
export function toolchainFolder(): string {
    return join(cacheFolder(), "toolchain", toolchainKey(join(CHECKOUT, "toolchain"), versions()));
}

export function versions(): Versions {
    const { dependencies } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as {
        dependencies: Record<string, string>;
    };
    const pinned = (name: string): string => {
        const version = dependencies[name];
        if (version === undefined) {
            throw new Error(`package.json: dependencies has no ${name}`);
        }
        return version;
    };
    return {
        pulumi: pinned("@pulumi/pulumi"),
        docker: pinned("@pulumi/docker"),
        random: pinned("@pulumi/random"),
    };
}

/** A hash of the sources of Pulumi in `folder`, the versions, and the kind of machine. */
export function toolchainKey(folder: string, pinned: Versions): string {
    const files = PULUMI_MODULES.flatMap((module) => filesBelow(join(folder, module)));
    return contentKey(folder, files, [pinned.pulumi, pinned.docker, pinned.random]);
}

/** A hash of `files` with their places below `folder`, of other facts, and of the kind of machine. */
export function contentKey(folder: string, files: readonly string[], facts: readonly string[] = []): string {
    const hash = createHash("sha256");
    hash.update(JSON.stringify([process.platform, process.arch, ...facts]));
    for (const file of files) {
        hash.update(`\0${relative(folder, file)}\0`).update(readFileSync(file));
    }
    return short(hash.digest("hex"));
}

/** Every file below `folder`, sorted; empty when the folder does not exist. */
export function filesBelow(folder: string): string[] {
    try {
        return readdirSync(folder, { withFileTypes: true, recursive: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name))
            .sort();
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return [];
        }
        throw error;
    }
}

function baseFolder(given: string | undefined, ...fallback: string[]): string {
    // By the XDG specification, a relative or empty value counts as not set.
    return given?.startsWith("/") ? given : join(homedir(), ...fallback);
}
