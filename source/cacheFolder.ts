import { homedir } from "node:os";
import { join } from "node:path";

/** The project's name in folders of the machine, image tags and labels. */
export const PROJECT = "seismic-mlops";

/** Where things are kept that can be made again: built tools, exported releases. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
    return join(baseFolder(env.XDG_CACHE_HOME, ".cache"), PROJECT);
}

/** A base folder of the XDG specification: a relative or empty value counts as not set. */
export function baseFolder(given: string | undefined, ...fallback: string[]): string {
    return given?.startsWith("/") ? given : join(homedir(), ...fallback);
}
