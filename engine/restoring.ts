import type Docker from "dockerode";

import { mistake } from "../common/mistake";
import { existing } from "./client";

/** The name of the container that `npm run restore` and `npm run prune` run while they change a stack's registry. */
export function restoreHelper(prefix: string): string {
    return `${prefix}-restore`;
}

/**
 * Refuses an update while the stack's registry is being restored or pruned. Restore and prune first
 * make their container and then look for an update's lock, so at least one of the two sees the other.
 *
 * @param prefix begins the stack's physical names
 */
export async function refuseWhileRestored(engine: Docker, prefix: string): Promise<void> {
    const name = restoreHelper(prefix);
    const status = (await existing(engine.getContainer(name).inspect()))?.State.Status;
    // A killed restore leaves a container that was never started.
    if (status === undefined || status === "created") {
        return;
    }
    throw mistake(`the stack's registry is being restored or pruned (container ${name}); wait for its end`);
}
