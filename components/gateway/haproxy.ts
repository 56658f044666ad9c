/** Tasks that answer below a path of an endpoint's port. */
export interface Branch {
    /** Names the backend: "status". */
    name: string;
    /** The first folder of the paths that are theirs: "/status". */
    path: string;
    upstream: { host: string; port: number };
    check: string;
}

/** A published port and the tasks behind it. */
export interface Endpoint {
    /** Names the frontend and backend: "api". */
    name: string;
    /** The gateway's own port. */
    port: number;
    /** The tasks' name on the network, and the port or the two ports that their generations alternate between. */
    upstream: { host: string; ports: readonly [number] | readonly [number, number]; replicas: number };
    /** The path that tells whether a task can take requests. */
    check: string;
    /** The one path that needs no credentials. */
    open: string;
    /** Whether the upstream answers only to its own name (a guard against DNS rebinding). */
    ownHost: boolean;
    /** Others who answer on the same port. */
    branches?: Branch[];
    /** HAProxy's rules for who has signed in: what is not passed on. */
    rules?: readonly string[];
    /** Paths whose POST changes nothing, so that another task may be asked after the first gave no answer. */
    repeatable?: { quick: string; others: string[] };
}

/** What is published of a service with one task, under its own name. */
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

/** Addresses kept for a service beyond its replicas: old and new tasks live side by side in an update. */
const UPDATE_SLOTS = 2;
/** They are kept in steps of this, so that another replica is no change of this file: one restarts the gateway. */
const SLOT_STEP = 32;
/** The name of the list of users, which lies in a file of its own: it is a secret. */
export const USER_LIST = "users";

/** Where HAProxy tells Prometheus of itself; reached from within the network only. */
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

/** The file of users; the password is plain in it, because checking a hash costs milliseconds a request. */
export function renderUsers(username: string, password: string): string {
    return `userlist ${USER_LIST}\n    user ${username} insecure-password ${password}\n`;
}

/** In the gateway's image; answers an upload that may not pass once it was read. */
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
 * Only one generation of tasks answers at a time, the one with more tasks that
 * are ready: as a rolling update goes on, answers change over once, and never back.
 */
function majority(first: string, second: string): string {
    return `    http-request set-var(txn.second) nbsrv(${second})
    http-request set-var(txn.lead) nbsrv(${first}),sub(txn.second)
    use_backend ${second} if { var(txn.lead) -m int lt 0 }
`;
}

interface Backend {
    name: string;
    /** Begins the names of its servers. */
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
 * What may have been done already is not asked for again: a run or a version of MLflow would be there twice.
 * Of what changes nothing, a task that hangs is not waited for as long as one that works on an upload.
 */
function retries(repeatable: Endpoint["repeatable"]): string {
    if (repeatable === undefined) {
        // A connection that the upstream was about to close would lose such a request.
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

/** Many times what one prediction takes. */
const QUICK_ANSWER = "5s";
/** Many times what a page of the API takes. */
const ANSWER = "10s";

/**
 * The upstream is asked under its own name. An Origin that is the gateway's own
 * becomes the upstream's and any other none, so that it refuses what other sites
 * send, those of other ports of this machine too.
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
