import { resolve } from "node:path";

import type Docker from "dockerode";

import type { DataSource } from "../../config/schema";
import { ownMounts, pathOnMachine } from "../../engine/ownContainer";
import { mistake } from "../../common/mistake";

/**
 * Refuses a data folder when this program runs in a container of the engine to which it deploys.
 * The trainer would get the folder with this path on the engine's machine: another folder, or none.
 *
 * @throws a mistake with the folder's place on that machine, if it has one, and with what to do
 */
export async function refuseUnshared(
    source: DataSource,
    engine: Docker,
    local: boolean,
    mountinfo?: string,
): Promise<void> {
    if (source.source !== "folder" || !local) {
        return;
    }
    const mounts = await ownMounts(engine, mountinfo);
    const path = resolve(source.path);
    const onMachine = mounts === undefined ? path : pathOnMachine(path, mounts);
    if (onMachine !== path) {
        const where =
            onMachine === undefined ? "its machine has no such folder" : `its machine has it at ${onMachine}`;
        throw mistake(
            `data.path: ${path} is a folder of the container that this runs in; the trainer runs beside it, and ${where}. ` +
                "Give this container the folder under the path that the machine has: docker run --volume FOLDER:FOLDER",
        );
    }
}
