import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";

import type Docker from "dockerode";

import { CONTAINER_LOG } from "../../../components/service/logging";
import type { Endpoint } from "../../../components/gateway/endpoint";
import { GENERATION, GENERATIONS, insidePort } from "../../../components/gateway/endpoint";
import { renderFront } from "../../../components/gateway/front";
import { renderProxy } from "../../../components/gateway/proxy";
import { renderUsers, USERS_FILE } from "../../../components/gateway/users";
import { OWNER } from "../../../config/access/roles";
import { eventually } from "../expectations";

const CONFIG_FILE = "/etc/haproxy/stack.cfg";
const CERTIFICATE_FILE = "/run/secrets/certificate.pem";
const GENERATION_OF_ALL = GENERATIONS[0];

/** A gateway to start, with the configuration that a stack's gateway has. */
export interface Wanted {
    /** The name of its containers, and of its hosts in the network. */
    name: string;
    image: string;
    network: string;
    endpoint: Endpoint;
    /** The owner's password. */
    password: string;
    /** The certificate and its key; undefined for plain HTTP. */
    certificate?: string | undefined;
    /** The share of the predictions that are logged. */
    logSample?: number;
    /** Whether the tasks are asked directly; then they expect no front. */
    alone?: boolean;
    /** Changes the configuration of the tasks behind the front. */
    changed?: (settings: string) => string;
    /** Whether this machine reaches the front too, on a free port of loopback. */
    published?: boolean;
    /** More of the containers' settings. */
    host?: Docker.HostConfig;
}

/** A gateway that runs: the front and the tasks behind it as two containers, without a stack. */
export interface Standalone {
    /** Where the API answers in the network: HOST:PORT. */
    address: string;
    access: Docker.Container;
    front: Docker.Container | undefined;
    /** The front's port on this machine, once it passes on to the tasks behind it. */
    publishedPort(): Promise<number>;
    remove(): Promise<void>;
}

/**
 * Starts a gateway. It answers after a moment, when the front has found the tasks behind it.
 *
 * @param folder a folder of this machine for its files; others may enter it
 */
export async function startGateway(docker: Docker, folder: string, wanted: Wanted): Promise<Standalone> {
    const { name, endpoint, certificate, alone = false } = wanted;
    const [access, front] = [`${name}-access`, `${name}-front`];
    const rendered = renderProxy([endpoint], {
        trusted: [],
        logSample: wanted.logSample ?? 1,
        certificate: certificate === undefined ? undefined : CERTIFICATE_FILE,
    });
    const settings = (wanted.changed ?? ((text) => text))(
        alone ? rendered.replaceAll(" accept-proxy", "") : rendered,
    );
    const files = join(folder, name);
    mkdirSync(files);
    const file = (title: string, content: string, at: string): string => {
        const from = join(files, title);
        writeFileSync(from, content);
        return `${from}:${at}:ro`;
    };
    const started: Docker.Container[] = [];
    const port = `${endpoint.port}/tcp`;
    const publishes = (command: string) => wanted.published === true && command === "front";
    const published = {
        ExposedPorts: { [port]: {} },
        PortBindings: { [port]: [{ HostIp: "127.0.0.1", HostPort: "" }] },
    };
    const start = async (host: string, command: string, binds: string[]): Promise<Docker.Container> => {
        const container = await docker.createContainer({
            name: host,
            Image: wanted.image,
            Cmd: [command, CONFIG_FILE],
            ...(publishes(command) ? { ExposedPorts: published.ExposedPorts } : {}),
            Env: [`${GENERATION}=${GENERATION_OF_ALL}`],
            NetworkingConfig: { EndpointsConfig: { [wanted.network]: { Aliases: [host] } } },
            HostConfig: {
                Binds: binds,
                NetworkMode: wanted.network,
                LogConfig: { Type: CONTAINER_LOG.logDriver, Config: CONTAINER_LOG.logOpts },
                ...(publishes(command) ? { PortBindings: published.PortBindings } : {}),
                ...wanted.host,
            },
        });
        started.push(container);
        await container.start();
        return container;
    };
    const remove = async (): Promise<void> => {
        await Promise.all(started.map((container) => container.remove({ force: true, v: true })));
    };
    try {
        const behind = await start(access, "access", [
            file("access.cfg", settings, CONFIG_FILE),
            file("users.map", renderUsers({}, { [OWNER]: wanted.password }), USERS_FILE),
            ...(certificate === undefined ? [] : [file("certificate.pem", certificate, CERTIFICATE_FILE)]),
        ]);
        const before = alone
            ? undefined
            : await start(front, "front", [file("front.cfg", renderFront([endpoint], access), CONFIG_FILE)]);
        const address = alone
            ? `${access}:${insidePort(GENERATION_OF_ALL, endpoint)}`
            : `${front}:${endpoint.port}`;
        const publishedPort = async (): Promise<number> => {
            const info = await before?.inspect();
            const bound = Number(info?.NetworkSettings.Ports[port]?.[0]?.HostPort);
            await eventually(`${name} to shake hands`, () => shakesHands(bound));
            return bound;
        };
        return { address, access: behind, front: before, publishedPort, remove };
    } catch (error) {
        await remove();
        throw error;
    }
}

function shakesHands(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        // Only the handshake counts here; the certificate is our own.
        const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
            socket.destroy();
            resolve(true);
        });
        socket.on("error", () => resolve(false));
    });
}
