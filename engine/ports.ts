import { createServer } from "node:net";

import type Docker from "dockerode";

import { listenerOn } from "./listener";

/** What has a port of the engine's machine; undefined when it is free. */
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

/** Whether some program of this machine listens on the port, on any of its addresses. */
async function isTaken(port: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
        const probe = createServer();
        probe.once("error", (error: NodeJS.ErrnoException) => {
            // No right to bind (a port below 1024) says nothing about the engine's right.
            if (error.code === "EADDRINUSE" || error.code === "EACCES") {
                resolve(error.code === "EADDRINUSE");
            } else {
                reject(error);
            }
        });
        probe.listen({ port, host: "0.0.0.0" }, () => probe.close(() => resolve(false)));
    });
}
