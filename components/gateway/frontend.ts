import { type Endpoint, GENERATION, insidePort, majority } from "./endpoint";
import { LOG_FORMAT, sampled } from "./accessLog";
import { renderPermissions } from "./permission";
import { ATTEMPTS, USERS_FILE } from "./users";

/** What holds for every endpoint of a gateway. */
export interface Door {
    /** The file with the certificate and its key; undefined for plain HTTP. */
    certificate?: string | undefined;
    /** The addresses of the proxies whose X-Forwarded-For is believed. */
    trusted: readonly string[];
    /** The share of the predictions that are logged. */
    logSample: number;
}

/** A text that can be the id of a request in a log. */
const REQUEST_ID = "^[A-Za-z0-9._:/+=-]{1,128}$";
/** Names under which programs put a token into an address, where logs and histories keep it. The last one is told of. */
const TOKEN_PARAMETERS = ["token", "password", "authorization", "auth", "apikey", "api_key", "access_token"];
/** Wrong passwords in a minute from one address, before each further one has to wait. */
const MOST_ATTEMPTS = 10;

/** HAProxy's section for an endpoint: who may do what, and the tasks that answer. */
export function renderFrontend(endpoint: Endpoint, door: Door): string {
    const { name, upstream, branches = [], rules = [] } = endpoint;
    const [first, second] = upstream.ports;
    const lines = [
        ...source(door),
        ...httpsOnly(endpoint),
        ...guarded(endpoint, { file: USERS_FILE }),
        ...rules,
        ...branches.map(
            (branch) =>
                `use_backend ${branch.name} if { path ${branch.path} } or { path_beg ${branch.path}/ }`,
        ),
        ...sampled(endpoint, door.logSample),
    ];
    return `frontend ${name}
    bind ":${insidePort(`\${${GENERATION}}`, endpoint)}" accept-proxy${tls(door)}
    ${LOG_FORMAT}
${lines.map((line) => `    ${line}\n`).join("")}${second === undefined ? "" : majority("http-request", `${name}-${first}`, `${name}-${second}`)}    default_backend ${name}-${first}
`;
}

/** Who is let in: the users of a file, or only some of them. */
interface Guests {
    file: string;
    only?: readonly string[];
}

/** The rules by which a request is named, its user found, and what the user may not do refused. */
export function guarded(
    {
        name,
        open,
        permissions,
        mostBytes,
    }: Pick<Endpoint, "permissions" | "mostBytes"> & {
        name: string;
        open: string | undefined;
    },
    guests: Guests,
): string[] {
    return [
        ...requestId(),
        ...(open === undefined ? [] : openPath(open)),
        ...signIn(guests),
        ...renderPermissions(permissions),
        ...refusals(name, mostBytes),
        // No upstream has a use for the credentials.
        "http-request del-header Authorization",
        // An upstream may trust this header, so no client can set it.
        "http-request del-header X-User",
        "http-request set-header X-User %[var(txn.user)] if { var(txn.user) -m found }",
    ];
}

function tls({ certificate }: Door): string {
    return certificate === undefined ? "" : ` ssl crt ${certificate} alpn h2,http/1.1`;
}

/** Behind a proxy, the client's address is the last one that the proxy has added. */
function source({ trusted }: Door): string[] {
    return trusted.length === 0
        ? []
        : [`http-request set-src req.hdr_ip(X-Forwarded-For,-1) if { src ${trusted.join(" ")} }`];
}

/** Takes the client's id of the request or makes one, passes it on and returns it. */
function requestId(): string[] {
    return [
        `http-request set-var(txn.id) req.hdr(X-Request-ID) if { req.hdr(X-Request-ID) -m reg ${REQUEST_ID} }`,
        "http-request set-var(txn.id) uuid() if !{ var(txn.id) -m found }",
        "http-request set-header X-Request-ID %[var(txn.id)]",
        "http-after-response set-header X-Request-ID %[var(txn.id)]",
        "http-response set-var(txn.version) res.hdr(X-Model-Version)",
    ];
}

/** Also tells it to whoever is refused. Subdomains are other hosts. */
function httpsOnly({ hsts }: Endpoint): string[] {
    return hsts === undefined
        ? []
        : [`http-after-response set-header Strict-Transport-Security max-age=${hsts}`];
}

/** The open path takes no body: nobody has to sign in to send one. */
function openPath(open: string): string[] {
    const isOpen = "{ var(txn.open) -m bool }";
    return [
        `http-request set-var(txn.open) bool(true) if { path ${open} } { method GET HEAD }`,
        `http-request deny deny_status 413 if ${isOpen} { req.hdr_val(Content-Length) gt 0 }`,
        `http-request deny deny_status 413 if ${isOpen} { req.hdr(Transfer-Encoding) -m found }`,
    ];
}

/**
 * Finds the user of a request, by the hash of the password. The password may come with the user's name
 * (Basic) or alone (Bearer).
 */
function signIn({ file, only }: Guests): string[] {
    const type = (name: string) => `{ http_auth_type -i -m str ${name} }`;
    return [
        `http-request set-var(txn.secret) http_auth_pass if ${type("basic")}`,
        `http-request set-var(txn.secret) http_auth_bearer if ${type("bearer")}`,
        `http-request set-var(txn.entry) var(txn.secret),sha2(256),hex,lower,map_str(${file}) if { var(txn.secret) -m found }`,
        "http-request unset-var(txn.secret)",
        "http-request set-var(txn.user) var(txn.entry),word(3,:)",
        "http-request set-var(txn.name) http_auth_user",
        `http-request unset-var(txn.user) if ${type("basic")} !{ var(txn.name),strcmp(txn.user) -m int eq 0 }`,
        ...(only === undefined
            ? []
            : [`http-request unset-var(txn.user) if !{ var(txn.user) -m str ${only.join(" ")} }`]),
        "http-request set-var(txn.rank) var(txn.entry),word(1,:) if { var(txn.user) -m found }",
        "http-request set-var(txn.role) var(txn.entry),word(2,:) if { var(txn.user) -m found }",
    ];
}

/** The requests that are answered here: what is wrong, and the role that is needed. */
function refusals(name: string, mostBytes: number | undefined): string[] {
    const isClosed = "!{ var(txn.open) -m bool }";
    const isUnknown = "!{ var(txn.user) -m found }";
    const triedToSignIn = "{ req.hdr(Authorization) -m found }";
    const isGuess = `${isUnknown} ${isClosed} ${triedToSignIn}`;
    // HAProxy asks until the first condition that does not hold, so the rarest one comes first.
    const refuse = (status: number, message: string, condition: string) => [
        `http-request set-var(txn.status) int(${status}) if ${condition} !{ var(txn.status) -m found }`,
        `http-request set-var-fmt(txn.message) "${status}: ${message}" if ${condition} !{ var(txn.message) -m found }`,
    ];
    const limit =
        mostBytes === undefined
            ? []
            : refuse(
                  413,
                  `the body has %[req.hdr(Content-Length)] bytes; at most ${mostBytes} are taken here.`,
                  `{ req.hdr_val(Content-Length) gt ${mostBytes} }`,
              );
    return [
        `http-request set-var(txn.realm) str(${name})`,
        ...TOKEN_PARAMETERS.map(
            (parameter) =>
                `http-request set-var(txn.parameter) str(${parameter}) if { url_param(${parameter}) -m found }`,
        ),
        ...refuse(
            400,
            "%[var(txn.parameter)] is in the address, where logs keep it. Send it as a header: Authorization: Bearer TOKEN. If it was a real one, have it rotated.",
            "{ var(txn.parameter) -m found }",
        ),
        `http-request track-sc0 src table ${ATTEMPTS} if ${isGuess}`,
        `http-request sc-inc-gpc0(0) if ${isGuess}`,
        `http-request tarpit deny_status 429 content-type text/plain string "429: too many wrong passwords from this address; wait a minute.\\n" if { sc_gpc0_rate(0) gt ${MOST_ATTEMPTS} }`,
        ...refuse(401, "the user or the password is wrong. This needs the role %[var(txn.needs)].", isGuess),
        ...refuse(
            401,
            "this needs the role %[var(txn.needs)]: a user and the password, or Authorization: Bearer and the password.",
            `${isUnknown} ${isClosed}`,
        ),
        ...refuse(
            403,
            "%[var(txn.user)] has the role %[var(txn.role)]. This needs the role %[var(txn.needs)].",
            `!{ var(txn.allowed) -m bool } ${isClosed}`,
        ),
        ...limit,
        "http-request use-service lua.refuse if { var(txn.status) -m found }",
    ];
}
