import { createServer } from "node:net";

import type Docker from "dockerode";

import { mistake } from "../errors";
import { connect, isNotFound } from "./client";

const LOCAL_SOCKET = "the local socket";

/** A port that the stack is about to publish, and the service of ours that may hold it already. */
export interface PortClaim {
    /** Where the port is configured, for messages: "serving.port". */
    key: string;
    port: number;
}

/**
 * Checks, before anything is made, that the engine answers, is an active swarm
 * manager, and that the ports are free or held by this stack's own gateway.
 *
 * @throws a mistake with one line and the remedy
 */
export async function preflight(
    host: string | undefined,
    gateway: string,
    claims: PortClaim[],
): Promise<Docker> {
    const engine = await connect(host);
    const [managed, held] = await Promise.allSettled([engine.swarmInspect(), publishedBy(engine, gateway)]);
    if (managed.status === "rejected") {
        throw await whyNoManager(engine, addressOf(host));
    }
    if (held.status === "rejected") {
        throw held.reason;
    }
    for (const { key, port } of claims.filter((claim) => !held.value.has(claim.port))) {
        await refuseTaken(engine, isLocalEngine(host), key, port);
    }
    return engine;
}

/** What is wrong with an engine that does not answer as a manager of its swarm. */
async function whyNoManager(engine: Docker, where: string): Promise<Error> {
    const info: unknown = await engine.info().catch((error: unknown) => error);
    if (info instanceof Error) {
        return mistake(
            `no Docker engine answers at ${where} (${info.message}); start it, or run: npm run setup`,
        );
    }
    const swarm = (info as { Swarm: { LocalNodeState: string; ControlAvailable: boolean } }).Swarm;
    return mistake(
        swarm.LocalNodeState === "active"
            ? `the engine at ${where} is a worker of its swarm; point DOCKER_HOST or docker:host at a manager`
            : `the engine at ${where} is in no swarm (state ${swarm.LocalNodeState}); run: npm run setup, ` +
                  "or: docker swarm init --advertise-addr 127.0.0.1",
    );
}

/** Whether the engine shares this machine's files and ports. */
export function isLocalEngine(host: string | undefined): boolean {
    const where = addressOf(host);
    return where.startsWith("unix://") || where === LOCAL_SOCKET;
}

function addressOf(host: string | undefined): string {
    return host ?? process.env.DOCKER_HOST ?? LOCAL_SOCKET;
}

async function publishedBy(engine: Docker, serviceName: string): Promise<Set<number>> {
    try {
        const service = (await engine.getService(serviceName).inspect()) as Docker.Service;
        const ports = service.Spec?.EndpointSpec?.Ports ?? [];
        return new Set(ports.map((published) => published.PublishedPort ?? 0));
    } catch (error) {
        if (isNotFound(error)) {
            return new Set();
        }
        throw error;
    }
}

async function refuseTaken(engine: Docker, local: boolean, key: string, port: number): Promise<void> {
    const holder = await containerOn(engine, port);
    if (holder !== undefined || (local && (await isTaken(port)))) {
        const by = holder === undefined ? "another program" : `container ${holder}`;
        throw mistake(
            `${key}: port ${port} is taken by ${by}; stop it, or choose another: ` +
                `pulumi config set --path ${key} PORT`,
        );
    }
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
