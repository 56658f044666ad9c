/** Free disk where the project and the engine write, against what is still to be written there. */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { isLocalEngine } from "../../engine/address";
import { BUILD_GB } from "../setup/goBuild";
import { cacheFolder, dataFolder } from "../local/paths";
import { readyToolchain } from "../setup/toolchain";
import type { LiveEngine } from "./engine";
import { failed, note, ok, type Check, type Finding } from "./finding";

const GB = 1e9;
/** State and a passphrase: some megabytes a stack. */
const DATA_GB = 0.1;
/** The images of a stack with everything on, built from nothing, and the build's cache: some 7 GB. */
const ENGINE_GB = 8;
/** A new release's image, and what the volumes grow by. */
const UPDATE_GB = 2;

export function diskChecks(looking: Promise<LiveEngine | undefined>): Check[] {
    const cache = readyToolchain() === undefined ? BUILD_GB : DATA_GB;
    return [
        { what: "cache", look: () => room("cache", cacheFolder(), cache) },
        { what: "state", look: () => room("state", dataFolder(), DATA_GB) },
        { what: "engine", look: async () => engineRoom(await looking) },
    ];
}

/** The free disk at a folder, or where it will be made; `neededGb` is refused, `wantedGb` is told of. */
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
    // The disk of an engine elsewhere, or in a virtual machine, is not seen from here.
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
