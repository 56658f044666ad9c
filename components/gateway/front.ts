import {
    CHECKED,
    GENERATIONS,
    insidePort,
    majority,
    type Published,
    READY,
    readyPort,
    RESOLVERS,
} from "./endpoint";

/** Connections that one address may have at a time. People behind one router share an address. */
const BY_SOURCE = 512;
/**
 * The same for the machine itself: its users, a proxy on it, and clients by IPv6. A process of the engine (docker-proxy)
 * opens the connections of all of these. It has up to six files open for each, and ends for good when it may open no
 * more, for example 20,000.
 */
const BY_MACHINE = 2500;
/** Connections that one port may have at a time, so that a flood on one port leaves the others reachable. */
const BY_PORT = 6000;
/** Addresses of the tasks behind the front: the replicas, and the tasks that an update adds. */
const SLOTS = 4;

/**
 * HAProxy's configuration of the front, which holds the published ports. It passes connections on as they are, so it
 * changes only when a port changes, and restarts only then. The tasks behind it are updated side by side.
 *
 * @param name the tasks' name inside the environment's network
 */
export function renderFront(endpoints: readonly Published[], name: string): string {
    return [GLOBAL, RESOLVERS, SOURCES, ...endpoints.flatMap((endpoint) => section(endpoint, name))].join(
        "\n",
    );
}

const GLOBAL = `global
    log stdout format raw local0 notice
    # Without this bound, HAProxy takes memory for as many files as the engine lets it open.
    fd-hard-limit 40000
    hard-stop-after 5s

defaults
    mode tcp
    log global
    option dontlognull
    timeout connect 2s
    # The tasks behind the front decide how long a connection may rest.
    timeout client 1h
    timeout server 1h
    timeout check 2s
    option redispatch 1
    retries 3
`;

const SOURCES = `backend sources
    stick-table type ipv6 size 100k expire 1m store conn_cur
`;

function section(endpoint: Published, host: string): string[] {
    const { name, port } = endpoint;
    const [first, second] = GENERATIONS.map((generation) => `${name}-${generation}`) as [string, string];
    const front = `frontend ${name}
    bind :${port}
    maxconn ${BY_PORT}
    tcp-request connection track-sc0 src table sources
    tcp-request connection reject if { sc_conn_cur(0) gt ${BY_MACHINE} }
    tcp-request connection reject if { sc_conn_cur(0) gt ${BY_SOURCE} } !{ src "\${MACHINE}" }
${majority("tcp-request content", first, second)}    default_backend ${first}
`;
    const backends = GENERATIONS.map(
        (generation) => `backend ${name}-${generation}
    option httpchk
    http-check send meth GET uri ${READY} ver HTTP/1.1 hdr Host ${host}
    http-check expect status 200
    default-server ${CHECKED} port ${readyPort(generation)} send-proxy-v2
    server-template ${name} ${SLOTS} ${host}:${insidePort(generation, endpoint)}
`,
    );
    return [front, ...backends];
}
