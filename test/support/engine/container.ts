import type Docker from "dockerode";

import { tailOfContainer } from "../../../engine/client";
import { eventually } from "../expectations";

const LOOPBACK = "127.0.0.1";
const SHOWN_LINES = 20;
const PROBE_NS = 500_000_000;
const PROBES = 120;

export interface Served {
    name: string;
    image: string;
    /** The port on which it listens. */
    port: number;
    env?: string[];
    /** Folders and files of this machine, as from:to:ro. */
    binds?: string[];
    /** A command in the container that succeeds when it serves. */
    probe: string[];
}

/** A container that serves only this machine. */
export interface Serving {
    id: string;
    /** Its address from here: host:port. */
    address: string;
    remove(): Promise<void>;
}

/** Starts a container and waits until its probe succeeds. */
export async function serve(docker: Docker, served: Served): Promise<Serving> {
    const port = `${served.port}/tcp`;
    const container = await docker.createContainer({
        name: served.name,
        Image: served.image,
        Env: served.env,
        ExposedPorts: { [port]: {} },
        HostConfig: {
            Binds: served.binds,
            PortBindings: { [port]: [{ HostIp: LOOPBACK, HostPort: "" }] },
        },
        Healthcheck: { Test: ["CMD", ...served.probe], Interval: PROBE_NS, Retries: PROBES },
    });
    const remove = () => container.remove({ force: true, v: true });
    try {
        await container.start();
        const address = await eventually(`${served.name} to serve`, async () => {
            const { State, NetworkSettings } = await container.inspect();
            if (!State.Running) {
                throw new Error((await tailOfContainer(docker, container.id, SHOWN_LINES)).join("\n"));
            }
            return State.Health?.Status === "healthy" && NetworkSettings.Ports[port]![0]!;
        });
        return { id: container.id, address: `${LOOPBACK}:${address.HostPort}`, remove };
    } catch (error) {
        await remove();
        throw error;
    }
}
