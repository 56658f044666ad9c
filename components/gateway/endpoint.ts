import { type Part, PARTS } from "../../config/access/access";
import type { Permission } from "./permission";

/** The physical role of the front, which holds the published ports. */
export const GATEWAY_ROLE = "gateway";
/** The physical role of the tasks behind the front. */
export const ACCESS_ROLE = "access";

/** Tasks that answer below a path on an endpoint's port. */
export interface Branch {
    /** The name of the backend: "status". */
    name: string;
    /** The first folder of the tasks' paths: "/status". */
    path: string;
    upstream: { host: string; port: number };
    check: string;
    /** Whether the tasks' own paths are without that folder. */
    strip?: boolean;
}

/** A published port and the tasks behind it. */
export interface Endpoint {
    /** The name of the frontend and the backend: "api". */
    name: Part;
    /** The published port. */
    port: number;
    /** The tasks' name on the network, and their port, or the two ports between which their generations alternate. */
    upstream: { host: string; ports: readonly [number] | readonly [number, number]; replicas: number };
    /** The path by which a task says whether it can take requests. */
    check: string;
    /** The only path that needs no credentials. It can only be read. */
    open: string;
    /** The least role for each request; the first that fits decides. */
    permissions: readonly Permission[];
    /** The most bytes of a body; undefined for no limit but the upstream's own. */
    mostBytes?: number;
    /** Seconds for which browsers shall ask the host by https only; undefined leaves them as they are. */
    hsts?: number | undefined;
    /** Whether the upstream answers only to its own name (a guard against DNS rebinding). */
    ownHost: boolean;
    /** Other tasks that answer on the same port. */
    branches?: Branch[];
    /** HAProxy's rules for signed-in users: the requests that are not passed on. */
    rules?: readonly string[];
    /** Paths whose POST changes nothing. If the first task gives no answer, another task may be asked. */
    repeatable?: { quick: string; others: string[] };
}

/** The most bytes of a body where nobody uploads anything. */
export const SMALL_BODY = 1024 * 1024;

/** The endpoint of a service with one task, under the service's own name. */
export function singleEndpoint(
    role: Part,
    port: number,
    inside: number,
    paths: { check: string; open?: string; permissions: readonly Permission[]; mostBytes?: number },
    ownHost = false,
): Endpoint {
    const { check, open = check, permissions, mostBytes } = paths;
    return {
        name: role,
        port,
        upstream: { host: role, ports: [inside], replicas: 1 },
        ...{ check, open, permissions, ownHost },
        ...(mostBytes === undefined ? {} : { mostBytes }),
    };
}

/**
 * The two generations of the tasks behind the published ports. Each listens on ports of its own, so that the
 * front can tell them apart.
 */
export const GENERATIONS = [81, 82] as const;
/** The variable that tells a task its generation. */
export const GENERATION = "GENERATION";

/** The published port for plain HTTP, where an ACME server asks. It is no endpoint: nothing of the stack answers there. */
export const HTTP = "http";
/** A published port's name, and the port. */
export interface Published {
    name: Part | typeof HTTP;
    port: number;
}
/** The number of HTTP's port. Other parts may come below it. */
const HTTP_NUMBER = 99;

/** A generation's port for an endpoint. It stays when other endpoints come and go. */
export function insidePort(generation: number | string, { name }: Pick<Published, "name">): string {
    const number = name === HTTP ? HTTP_NUMBER : PARTS.indexOf(name) + 1;
    return `${generation}${String(number).padStart(2, "0")}`;
}

/** The port on which a generation says that it is ready. */
export function readyPort(generation: number | string): string {
    return `${generation}00`;
}
/** The path at which a generation says that it is ready. */
export const READY = "/ready";

/** The port of HAProxy's metrics for Prometheus. Only the network of the environment reaches it. */
export const METRICS_PORT = 8404;

/** HAProxy's way to find tasks by the engine's DNS. */
export const RESOLVERS = `resolvers engine
    nameserver dns 127.0.0.11:53
    accepted_payload_size 8192
    resolve_retries 3
    timeout resolve 500ms
    timeout retry 500ms
    hold valid 500ms
    # Between two tasks the name is unknown for a moment: keep what was known.
    hold nx 5s
    hold obsolete 1s
`;

/** HAProxy's options for a server that the engine's DNS names, and that has to say that it is ready. */
export const CHECKED = "check inter 500ms fall 2 rise 1 resolvers engine init-addr none";

/**
 * Rules by which only one generation of tasks answers at a time: the one with more ready tasks. So during
 * a rolling update the answers change over once, and never back.
 *
 * @param how "http-request" or "tcp-request content", as the frontend's mode has it
 */
export function majority(how: string, first: string, second: string): string {
    return `    ${how} set-var(txn.second) nbsrv(${second})
    ${how} set-var(txn.lead) nbsrv(${first}),sub(txn.second)
    use_backend ${second} if { var(txn.lead) -m int lt 0 }
`;
}
