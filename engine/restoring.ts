import type Docker from "dockerode";

import { mistake } from "../common/mistake";
import { isNotFound } from "./client";

/** What `npm run restore` and `npm run prune` run beside a stack for as long as they change its registry. */
export function restoreHelper(prefix: string): string {
    return `${prefix}-restore`;
}

/**
 * Refuses an update while the stack's registry is being restored or pruned. These look for an
 * update's lock once their container is there, so one of the two sees the other.
 *
 * @param prefix begins the stack's physical names
 */
export async function refuseWhileRestored(engine: Docker, prefix: string): Promise<void> {
    const name = restoreHelper(prefix);
    try {
        const { State } = await engine.getContainer(name).inspect();
        // One that was never started is what a killed restore left.
        if (State.Status === "created") {
            return;
        }
    } catch (error) {
        if (isNotFound(error)) {
            return;
        }
        throw error;
    }
    throw mistake(`the stack's registry is being restored or pruned (container ${name}); wait for its end`);
}
