import { createServer } from "node:net";

import type Docker from "dockerode";

import { listenerOn } from "./listener";

/** The holder of a port of the engine's machine; undefined when the port is free. */
export async function holderOf(engine: Docker, local: boolean, port: number): Promise<string | undefined> {
    const container = await containerOn(engine, port);
    if (container !== undefined) {
        return `container ${container}`;
    }
    if (!local || !(await isTaken(port))) {
        return undefined;
    }
    const listener = listenerOn(port);
    return listener === undefined ? "another program" : `another program (${listener})`;
}

async function containerOn(engine: Docker, port: number): Promise<string | undefined> {
    const containers = await engine.listContainers({ filters: { publish: [String(port)] } });
    return containers[0]?.Names[0]?.replace(/^\//, "");
}

/** Whether a program of this machine listens on the port, on any address. */
async function isTaken(port: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
        const probe = createServer();
        probe.once("error", (error: NodeJS.ErrnoException) => {
            // If this user may not bind the port (below 1024), the engine still may.
            if (error.code === "EADDRINUSE" || error.code === "EACCES") {
                resolve(error.code === "EADDRINUSE");
            } else {
                reject(error);
            }
        });
        probe.listen({ port, host: "0.0.0.0" }, () => probe.close(() => resolve(false)));
    });
}
