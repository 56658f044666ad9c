import type Docker from "dockerode";

import { mistake } from "../common/mistake";
import { addressOf, given, pluginProblem } from "./address";
import { whyNoManager } from "./manager";
import { connect, existing, findAddress } from "./client";
import { holderOf } from "./ports";

/** A port that the stack is about to publish. */
export interface PortClaim {
    /** The configuration key of the port, for messages: "serving.port". */
    key: string;
    port: number;
}

/**
 * Checks that the engine answers and is an active swarm manager, before anything is made.
 *
 * @throws a mistake with one line and the remedy
 */
export async function preflight(host: string | undefined): Promise<Docker> {
    await refuseOtherEngine(host);
    const engine = await connect(host);
    try {
        await engine.swarmInspect();
    } catch {
        throw await whyNoManager(engine, addressOf(host));
    }
    return engine;
}

/**
 * Checks that each port is free, or held by a service of the stack's own.
 *
 * @param publishing the names of the services that publish ports
 * @throws a mistake with the port's key, its holder and the remedy
 */
export async function refuseTakenPorts(
    engine: Docker,
    local: boolean,
    publishing: readonly string[],
    claims: readonly PortClaim[],
): Promise<void> {
    const held = new Set(
        (await Promise.all(publishing.map((service) => publishedBy(engine, service)))).flat(),
    );
    for (const { key, port } of claims.filter((claim) => !held.has(claim.port))) {
        await refuseTaken(engine, local, key, port);
    }
}

/** Refuses to run when the program would look at one engine while the plugin changes another. */
async function refuseOtherEngine(host: string | undefined): Promise<void> {
    const named = given(host);
    const found =
        named === undefined ? await findAddress() : { host: named, source: "docker:host", variables: {} };
    const problem = pluginProblem(host, found);
    if (problem !== undefined) {
        throw mistake(problem);
    }
}

async function publishedBy(engine: Docker, serviceName: string): Promise<number[]> {
    const service = await existing(engine.getService(serviceName).inspect() as Promise<Docker.Service>);
    const ports = service?.Spec?.EndpointSpec?.Ports ?? [];
    return ports.map((published) => published.PublishedPort ?? 0);
}

async function refuseTaken(engine: Docker, local: boolean, key: string, port: number): Promise<void> {
    const holder = await holderOf(engine, local, port);
    if (holder !== undefined) {
        throw mistake(
            `${key}: port ${port} is taken by ${holder}; stop it, or choose another: ` +
                `pulumi config set --path ${key} PORT`,
        );
    }
}
