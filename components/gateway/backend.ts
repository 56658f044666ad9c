import { updateGroup } from "../service/updateGroup";
import { CHECKED, type Endpoint } from "./endpoint";

/** Addresses beyond those of an update. HAProxy keeps the address of a task that is gone for a moment. */
const SPARE_SLOTS = 1;
/**
 * Addresses come in steps of this size, so that another replica does not change this file.
 * A change of the file is a rolling update of the gateway.
 */
const SLOT_STEP = 32;

/** The tasks of one generation behind an endpoint, or of a branch. */
export interface Backend {
    name: string;
    /** The beginning of the servers' names. */
    prefix: string;
    upstream: { host: string; replicas: number };
    check: string;
    ownHost: boolean;
    /** The beginning of the paths that the tasks do not know. */
    strip?: string;
    repeatable?: Endpoint["repeatable"];
}

/** HAProxy's section for the tasks that answer on a port. */
export function renderBackend(
    { name, prefix, upstream, check, ownHost, strip, repeatable }: Backend,
    port: number,
): string {
    const { host, replicas } = upstream;
    // During an update, a group of new tasks lives beside the old ones.
    const addresses = replicas + updateGroup(replicas) + SPARE_SLOTS;
    const slots = Math.ceil(addresses / SLOT_STEP) * SLOT_STEP;
    return `backend ${name}
    balance leastconn
    option httpchk
    http-check send meth GET uri ${check} ver HTTP/1.1 hdr Host ${host}:${port}
    http-check expect status 200
${retries(repeatable)}${strip === undefined ? "" : `    http-request replace-path ${strip}/?(.*) /\\1\n`}${ownHost ? hostRewrite(`${host}:${port}`) : ""}    default-server ${CHECKED}
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
