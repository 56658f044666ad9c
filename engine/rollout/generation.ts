import type Docker from "dockerode";

import { isNotFound } from "../client";

/**
 * Variable that carries the identity of what was declared, in a service and so
 * in each of its tasks: "hash@attempt", or "hash@attempt@port" where generations
 * of tasks alternate between ports. The attempt sets a repeated deployment of
 * the same thing apart from one that was rolled back.
 *
 * A label would do, but the provider replaces a service, an outage, when the
 * value of one changes. One variable, not two: the provider writes variables in
 * an order of its own each time, and another order restarts the tasks.
 */
export const IDENTITY_VARIABLE = "DEPLOYMENT";

const FIRST_ATTEMPT = "1";

/** What identifies a task's generation in the engine's spec of it. */
export interface TaskSpec {
    ContainerSpec?: { Env?: string[] };
}

/** What a service on the engine runs, and what a deployment of it must differ in. */
export interface LiveService {
    /** Of what it runs; undefined when there is no such service. */
    identity: string | undefined;
    /** What the next deployment carries: the attempt that runs, or a new one after a rollback. */
    attempt: string;
}

/**
 * Looks at a service before it is declared anew. After a rollback, declaring the
 * same thing again must be a change to be made; otherwise it must be none.
 */
export async function liveService(engine: Docker, serviceName: string): Promise<LiveService> {
    try {
        const service = (await engine.getService(serviceName).inspect()) as Docker.Service;
        const update = service.UpdateStatus;
        const identity = identityOf(service.Spec?.TaskTemplate as TaskSpec);
        if (update?.State === "paused" || update?.State?.startsWith("rollback")) {
            return { identity, attempt: update.StartedAt ?? FIRST_ATTEMPT };
        }
        return { identity, attempt: identity?.split("@")[1] ?? FIRST_ATTEMPT };
    } catch (error) {
        if (isNotFound(error)) {
            return { identity: undefined, attempt: FIRST_ATTEMPT };
        }
        throw error;
    }
}

/** The identity of what is declared, and the port that its tasks listen on. */
export interface Generation {
    identity: string;
    port: number;
}

/**
 * The generation of tasks that a declaration makes: the one that runs when it
 * declares the same, else one on the other port, so that the gateway can tell
 * the new tasks from the old ones.
 *
 * @param hash of what is declared
 * @param ports one, or two that generations alternate between
 */
export function generationOf(hash: string, live: LiveService, ports: readonly number[]): Generation {
    const name = (port: number) => [hash, live.attempt, ...(ports.length > 1 ? [port] : [])].join("@");
    const [first, second = first] = ports as [number, number?];
    const used = Number(live.identity?.split("@")[2] ?? second);
    const port = live.identity === name(used) ? used : used === first ? second : first;
    return { identity: name(port), port };
}

/** The identity that a spec of the engine carries; undefined for what this project did not declare. */
export function identityOf(spec: TaskSpec | undefined): string | undefined {
    const prefix = `${IDENTITY_VARIABLE}=`;
    return spec?.ContainerSpec?.Env?.find((it) => it.startsWith(prefix))?.slice(prefix.length);
}
