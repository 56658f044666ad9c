/** A connection to a Docker engine that answers. */
import type Docker from "dockerode";
import type { EngineAddress } from "../../engine/address";
import { clientAt, PING_TIMEOUT_MS } from "../../engine/client";
import { messageOf } from "../terminal/steps";

export interface Engine {
    readonly docker: Docker;
    /** The address in the form of DOCKER_HOST. */
    readonly host: string;
    /** Where the address comes from; undefined for a stack's own address. */
    readonly source?: string;
}

/** @returns the engine, or the reason why it does not answer */
export async function connect(
    host: string,
    timeoutMs = PING_TIMEOUT_MS,
    variables: EngineAddress["variables"] = {},
): Promise<Engine | string> {
    try {
        const docker = await clientAt(host, variables);
        await withTimeout(docker.ping(), timeoutMs);
        return { docker, host };
    } catch (error) {
        return messageOf(error);
    }
}

export class NoAnswer extends Error {
    constructor(ms: number) {
        super(`no answer within ${ms / 1000} s`);
    }
}

export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new NoAnswer(ms)), ms);
    });
    try {
        return await Promise.race([work, late]);
    } finally {
        clearTimeout(timer);
    }
}
