import type Docker from "dockerode";

import { demultiplex, followLines } from "../streams/frames";

/** Lines of standard error that are kept for a message. */
const TAIL = 20;

/** How a container ended. */
export interface OneShotResult {
    exitCode: number;
    stdout: string;
    /** The last lines of standard error. */
    tail: string[];
}

/**
 * Runs a container to its end, and removes it. If this program is interrupted, the container is removed too.
 *
 * @param onLine gets each line of standard error as it comes
 */
export async function runOnce(
    engine: Docker,
    options: Docker.ContainerCreateOptions,
    onLine: (line: string) => void,
): Promise<OneShotResult> {
    const container = await engine.createContainer(options);
    const remove = () => container.remove({ force: true, v: true });
    const interrupted = () => void remove().finally(() => process.exit(130));
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    try {
        await container.start();
        const log = await container.logs({ follow: true, stdout: false, stderr: true });
        void followLines(log, onLine);
        const { StatusCode } = (await container.wait()) as { StatusCode: number };
        const raw = await container.logs({ follow: false, stdout: true, stderr: true });
        const { stdout, stderr } = demultiplex(raw);
        return { exitCode: StatusCode, stdout, tail: stderr.trimEnd().split("\n").slice(-TAIL) };
    } finally {
        process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
        await remove();
    }
}
