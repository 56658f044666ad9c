/** Compares the free disk with the space that the project and the engine still need. */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { isLocalEngine } from "../../engine/address";
import { BUILD_GB } from "../setup/goBuild";
import { cacheFolder, dataFolder } from "../local/paths";
import { readyToolchain } from "../setup/toolchain";
import type { LiveEngine } from "./engine";
import { failed, note, ok, type Check, type Finding } from "./finding";

const GB = 1e9;
/** The state and a passphrase take some megabytes a stack. */
const DATA_GB = 0.1;
/** The images of a stack with everything on, built from nothing, take some 7 GB with the build's cache. */
const ENGINE_GB = 8;
/** The image of a new release, and the growth of the volumes. */
const UPDATE_GB = 2;

export function diskChecks(looking: Promise<LiveEngine | undefined>): Check[] {
    const cache = readyToolchain() === undefined ? BUILD_GB : DATA_GB;
    return [
        { what: "cache", look: () => room("cache", cacheFolder(), cache) },
        { what: "state", look: () => room("state", dataFolder(), DATA_GB) },
        { what: "engine", look: async () => engineRoom(await looking) },
    ];
}

/**
 * Checks the free disk at a folder, or at the place where it will be made. Less than `neededGb` is a failure, less
 * than `wantedGb` a note.
 */
export async function room(
    what: string,
    folder: string,
    neededGb: number,
    wantedGb = neededGb,
): Promise<Finding> {
    const free = await freeGb(folder);
    const found = `${free.toFixed(free < 10 ? 1 : 0)} GB free at ${folder}`;
    const remedy = "Make room there.";
    if (free < neededGb) {
        return failed(what, `${found}, and ${neededGb} GB are needed`, remedy);
    }
    return free < wantedGb
        ? note(what, `${found}; images built from nothing take ${wantedGb} GB`, remedy)
        : ok(what, found);
}

async function engineRoom(engine: LiveEngine | undefined): Promise<Finding[]> {
    // This machine does not see the disk of an engine elsewhere or in a virtual machine.
    const root = engine !== undefined && isLocalEngine(engine.host) ? engine.info.DockerRootDir : undefined;
    return root === undefined || !(await exists(root))
        ? []
        : [await room("engine", root, UPDATE_GB, ENGINE_GB)];
}

async function exists(folder: string): Promise<boolean> {
    return statfs(folder).then(
        () => true,
        () => false,
    );
}

async function freeGb(folder: string): Promise<number> {
    try {
        const { bavail, bsize } = await statfs(folder);
        return (bavail * bsize) / GB;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return freeGb(dirname(folder));
        }
        throw error;
    }
}
