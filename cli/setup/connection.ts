/** A connection to a Docker engine that answers. */
import type Docker from "dockerode";
import type { EngineAddress } from "../../engine/address";
import { clientAt, PING_TIMEOUT_MS } from "../../engine/client";
import { messageOf } from "../terminal/steps";

export interface Engine {
    readonly docker: Docker;
    /** As DOCKER_HOST has it. */
    readonly host: string;
    /** Who named it; undefined where a stack's own address was asked for. */
    readonly source?: string;
}

/** @returns the engine, or why it does not answer */
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
