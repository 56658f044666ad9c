import { RESOLVERS } from "../gateway/endpoint";

/** The doors' own port. */
export const DOOR_PORT = 5000;
/** The file with what those who may push send as their authorization. */
export const PUSHERS_FILE = "/run/secrets/pushers";

/** A line of PUSHERS_FILE. Source: RFC 7617 */
export function mayPush(username: string, password: string): string {
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}\n`;
}

/**
 * HAProxy's configuration of a node's door to the stack's registry. It answers the node's own engine and nobody else:
 * what the engine's machine itself asks comes from the address that MACHINE has, which images/gateway/front.sh finds.
 *
 * An engine sends a password only where it is asked for one, also for what needs none. So there are two names for one
 * door: at 127.0.0.1 everybody on the machine may read, and at any other local address who signs in may write.
 *
 * @param host the registry's name inside its network
 */
export function renderDoor(host: string, port: number): string {
    return `global
    log stdout format raw local0 notice
    fd-hard-limit 4000
    hard-stop-after 30s

defaults
    mode http
    log global
    option dontlognull
    option redispatch 1
    retries 3
    timeout connect 2s
    timeout http-request 10s
    timeout client 5m
    timeout server 5m

${RESOLVERS}
frontend images
    bind :${DOOR_PORT}
    tcp-request connection reject if !{ src "\${MACHINE}" }
    acl reads_only hdr_beg(host) 127.0.0.1:
    http-request deny deny_status 405 if reads_only !METH_GET !{ method HEAD }
    http-request return status 401 hdr www-authenticate "Basic realm=images" if !reads_only !{ req.hdr(authorization) -m str -f ${PUSHERS_FILE} }
    http-request del-header authorization
    default_backend images

backend images
    server ${host} ${host}:${port} resolvers engine init-addr none
`;
}
