/** Tasks that answer below a path on an endpoint's port. */
export interface Branch {
    /** The name of the backend: "status". */
    name: string;
    /** The first folder of the tasks' paths: "/status". */
    path: string;
    upstream: { host: string; port: number };
    check: string;
}

/** A published port and the tasks behind it. */
export interface Endpoint {
    /** The name of the frontend and the backend: "api". */
    name: string;
    /** The gateway's own port. */
    port: number;
    /** The tasks' name on the network, and their port, or the two ports between which their generations alternate. */
    upstream: { host: string; ports: readonly [number] | readonly [number, number]; replicas: number };
    /** The path by which a task says whether it can take requests. */
    check: string;
    /** The only path that needs no credentials. */
    open: string;
    /** Whether the upstream answers only to its own name (a guard against DNS rebinding). */
    ownHost: boolean;
    /** Other tasks that answer on the same port. */
    branches?: Branch[];
    /** HAProxy's rules for signed-in users: the requests that are not passed on. */
    rules?: readonly string[];
    /** Paths whose POST changes nothing. If the first task gives no answer, another task may be asked. */
    repeatable?: { quick: string; others: string[] };
}

/** The endpoint of a service with one task, under the service's own name. */
export function singleEndpoint(
    role: string,
    port: number,
    inside: number,
    paths: { check: string; open?: string },
    ownHost = false,
): Endpoint {
    const { check, open = check } = paths;
    return { name: role, port, upstream: { host: role, ports: [inside], replicas: 1 }, check, open, ownHost };
}

/** Addresses beyond a service's replicas. During an update, old and new tasks live side by side. */
const UPDATE_SLOTS = 2;
/**
 * Addresses come in steps of this size, so that another replica does not change this file.
 * A change of the file restarts the gateway.
 */
const SLOT_STEP = 32;
/** The name of the list of users. The list has a file of its own because it is a secret. */
export const USER_LIST = "users";

/** The port of HAProxy's metrics for Prometheus. Only the network of the environment reaches it. */
export const METRICS_PORT = 8404;

/** HAProxy's configuration for a list of endpoints, without its users. */
export function renderHaproxy(endpoints: Endpoint[]): string {
    const sections = endpoints.flatMap((endpoint) => [
        frontend(endpoint),
        ...endpoint.upstream.ports.map((port) =>
            backend({ ...endpoint, name: `${endpoint.name}-${port}`, prefix: endpoint.name }, port),
        ),
        ...(endpoint.branches ?? []).map(({ name, upstream, check }) =>
            backend(
                {
                    ...{ name, prefix: name, check, ownHost: false },
                    upstream: { host: upstream.host, replicas: 1 },
                },
                upstream.port,
            ),
        ),
    ]);
    return [GLOBAL, METRICS, ...sections].join("\n");
}

/** The file of users. The password is plain in it, because checking a hash costs milliseconds for each request. */
export function renderUsers(username: string, password: string): string {
    return `userlist ${USER_LIST}\n    user ${username} insecure-password ${password}\n`;
}

/** A file in the gateway's image. It reads a refused upload to its end before it answers. */
const REFUSAL = "/etc/haproxy/refuse.lua";

const GLOBAL = `global
    lua-load ${REFUSAL}
    log stdout format raw local0 notice
    maxconn 4096
    # A request that is larger than this cannot be sent again; a trace of 1000 samples fits.
    tune.bufsize 32768
    hard-stop-after 30s

defaults
    mode http
    log global
    option dontlognull
    option http-keep-alive
    timeout connect 2s
    timeout client 120s
    timeout server 120s
    timeout http-request 60s
    timeout check 2s
    # A task that could not be reached, or that goes away before it answered: ask another.
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response

resolvers engine
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

const METRICS = `frontend metrics
    bind :${METRICS_PORT}
    http-request use-service prometheus-exporter if { path /metrics }
    http-request return status 404
    no log
`;

function frontend({ name, port, open, upstream: { ports }, branches = [], rules = [] }: Endpoint): string {
    const [first, second] = ports;
    const aside = branches.map(
        (branch) =>
            `    use_backend ${branch.name} if { path ${branch.path} } or { path_beg ${branch.path}/ }\n`,
    );
    return `frontend ${name}
    bind :${port}
    http-request set-var(txn.realm) str(${name})
    http-request use-service lua.refuse unless METH_GET or { path ${open} } or { http_auth(${USER_LIST}) }
    http-request auth realm ${name} unless { path ${open} } or { http_auth(${USER_LIST}) }
    # No upstream has a use for the credentials.
    http-request del-header Authorization
${rules.map((rule) => `    ${rule}\n`).join("")}${aside.join("")}${second === undefined ? "" : majority(`${name}-${first}`, `${name}-${second}`)}    default_backend ${name}-${first}
`;
}

/**
 * Only one generation of tasks answers at a time: the one with more ready tasks. So during
 * a rolling update the answers change over once, and never back.
 */
function majority(first: string, second: string): string {
    return `    http-request set-var(txn.second) nbsrv(${second})
    http-request set-var(txn.lead) nbsrv(${first}),sub(txn.second)
    use_backend ${second} if { var(txn.lead) -m int lt 0 }
`;
}

interface Backend {
    name: string;
    /** The beginning of the servers' names. */
    prefix: string;
    upstream: { host: string; replicas: number };
    check: string;
    ownHost: boolean;
    repeatable?: Endpoint["repeatable"];
}

function backend({ name, prefix, upstream, check, ownHost, repeatable }: Backend, port: number): string {
    const { host, replicas } = upstream;
    const slots = Math.ceil((replicas + UPDATE_SLOTS) / SLOT_STEP) * SLOT_STEP;
    return `backend ${name}
    balance leastconn
    option httpchk
    http-check send meth GET uri ${check} ver HTTP/1.1 hdr Host ${host}:${port}
    http-check expect status 200
${retries(repeatable)}${ownHost ? hostRewrite(`${host}:${port}`) : ""}    default-server check inter 500ms fall 2 rise 1 resolvers engine init-addr none
    server-template ${prefix} ${slots} ${host}:${port}
`;
}

/**
 * A request that the upstream may already have done is not sent again: MLflow would have a run or a version twice.
 * For requests that change nothing, the wait for a hanging task is shorter than for a task that works on an upload.
 */
function retries(repeatable: Endpoint["repeatable"]): string {
    if (repeatable === undefined) {
        // If the upstream was about to close the connection, the request on it would be lost.
        return `    option http-server-close
    http-request disable-l7-retry unless METH_GET
`;
    }
    const { quick, others } = repeatable;
    return `    retry-on conn-failure empty-response response-timeout
    http-request disable-l7-retry unless METH_GET or { path ${[quick, ...others].join(" ")} }
    # The time for an answer begins when the question is whole.
    http-request wait-for-body time 60s if { path ${quick} }
    http-request set-timeout server ${QUICK_ANSWER} if { path ${quick} }
    http-request set-timeout server ${ANSWER} if METH_GET
`;
}

/** Many times the duration of one prediction. */
const QUICK_ANSWER = "5s";
/** Many times the duration of a page of the API. */
const ANSWER = "10s";

/**
 * Requests reach the upstream under the upstream's own name. If the Origin is the
 * gateway's own, it is replaced by the upstream's. Any other Origin becomes null, so the
 * upstream refuses requests from other sites, also from other ports of this machine.
 */
function hostRewrite(authority: string): string {
    return `    http-request set-var(txn.host) req.hdr(Host)
    http-request set-var(txn.origin) req.hdr(Origin),field(3,/)
    acl has_origin req.hdr(Origin) -m found
    acl same_origin var(txn.origin),strcmp(txn.host) -m int eq 0
    http-request set-header Origin null if has_origin !same_origin
    http-request set-header Origin http://${authority} if has_origin same_origin
    http-request set-header Host ${authority}
`;
}
