import type Docker from "dockerode";

import { existing } from "../client";

/**
 * The variable that carries the identity of a declaration, in a service and in each of its tasks:
 * "hash@attempt", or "hash@attempt@port" where generations of tasks alternate between ports. After a rollback,
 * the attempt tells a repeated deployment of the same declaration from the one that was rolled back.
 *
 * The identity is not a label, because the provider replaces the service when the value of
 * a label changes: an outage. It is one variable, not two, because the provider writes
 * variables in a new order each time, and another order restarts the tasks.
 */
export const IDENTITY_VARIABLE = "DEPLOYMENT";

const FIRST_ATTEMPT = "1";

/** The part of the engine's spec that identifies a task's generation. */
export interface TaskSpec {
    ContainerSpec?: { Env?: string[]; Image?: string };
}

/** The state of a service on the engine, as the next deployment needs it. */
export interface LiveService {
    /** The identity that the service runs; undefined when there is no such service. */
    identity: string | undefined;
    /** The attempt of the next deployment: the running attempt, or a new one after a rollback. */
    attempt: string;
}

/**
 * Looks at a service before it is declared anew. After a rollback, the same declaration
 * must count as a change. Otherwise it must not.
 */
export async function liveService(engine: Docker, serviceName: string): Promise<LiveService> {
    const service = await existing(engine.getService(serviceName).inspect() as Promise<Docker.Service>);
    if (service === undefined) {
        return { identity: undefined, attempt: FIRST_ATTEMPT };
    }
    const update = service.UpdateStatus;
    const identity = identityOf(service.Spec?.TaskTemplate as TaskSpec);
    if (update?.State === "paused" || update?.State?.startsWith("rollback")) {
        return { identity, attempt: update.StartedAt ?? FIRST_ATTEMPT };
    }
    return { identity, attempt: identity?.split("@")[1] ?? FIRST_ATTEMPT };
}

/** The identity of a declaration, and the port on which its tasks listen. */
export interface Generation {
    identity: string;
    port: number;
}

/**
 * The generation of tasks that a declaration makes. The running generation stays if it declares the same.
 * Otherwise the new one gets the other port, so that the gateway can tell the new tasks from the old ones.
 *
 * @param hash the hash of the declaration
 * @param ports one port, or two between which generations alternate
 */
export function generationOf(hash: string, live: LiveService, ports: readonly number[]): Generation {
    const name = (port: number) => [hash, live.attempt, ...(ports.length > 1 ? [port] : [])].join("@");
    const [first, second = first] = ports as [number, number?];
    const used = Number(live.identity?.split("@")[2] ?? second);
    const port = live.identity === name(used) ? used : used === first ? second : first;
    return { identity: name(port), port };
}

/** The identity in a spec of the engine; undefined when this project did not declare the spec. */
export function identityOf(spec: TaskSpec | undefined): string | undefined {
    const prefix = `${IDENTITY_VARIABLE}=`;
    return spec?.ContainerSpec?.Env?.find((it) => it.startsWith(prefix))?.slice(prefix.length);
}
