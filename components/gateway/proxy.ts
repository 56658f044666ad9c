import { renderBackend } from "./backend";
import { type Challenge, renderChallenge } from "./challenge";
import { type Endpoint, GENERATION, METRICS_PORT, READY, readyPort, RESOLVERS } from "./endpoint";
import { type Door, renderFrontend } from "./frontend";
import { type Inside, renderInside } from "./inside";
import { ATTEMPTS } from "./users";

/**
 * HAProxy's configuration for a list of endpoints, without its users.
 *
 * @param inside the ways of the stack's own services into the registry's network
 * @param challenge the port for an ACME server, if the certificate comes from one
 */
export function renderProxy(
    endpoints: readonly Endpoint[],
    door: Door,
    { inside, challenge }: { inside?: Inside | undefined; challenge?: Challenge | undefined } = {},
): string {
    const sections = endpoints.flatMap((endpoint) => [
        renderFrontend(endpoint, door),
        ...endpoint.upstream.ports.map((port) =>
            renderBackend({ ...endpoint, name: `${endpoint.name}-${port}`, prefix: endpoint.name }, port),
        ),
        ...(endpoint.branches ?? []).map(({ name, upstream, check, path, strip }) =>
            renderBackend(
                {
                    ...{ name, prefix: name, check, ownHost: false },
                    ...(strip ? { strip: path } : {}),
                    upstream: { host: upstream.host, replicas: 1 },
                },
                upstream.port,
            ),
        ),
    ]);
    const proofs = challenge === undefined ? [] : renderChallenge(challenge);
    const ways = inside === undefined ? [] : renderInside(inside);
    return [GLOBAL, RESOLVERS, WRONG_PASSWORDS, READINESS, METRICS, ...sections, ...ways, ...proofs].join(
        "\n",
    );
}

/** A file in the gateway's image. It reads a refused upload to its end before it answers. */
const REFUSAL = "/etc/haproxy/refuse.lua";
/** By this socket, the command of images/gateway tells HAProxy that it is about to stop. */
export const SOCKET = "/tmp/haproxy.sock";

/**
 * TLS 1.2 with forward secrecy and authenticated ciphers, and TLS 1.3.
 * Source: Mozilla's intermediate configuration, version 5.7, without the ciphers that need Diffie-Hellman parameters.
 */
const CIPHERS = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
];

/**
 * The groups for the exchange of keys: those of the same configuration, and before them the one that also withstands a
 * quantum computer. OpenSSL's own list has two more, which cost more and protect no client that lacks these.
 */
const CURVES = ["X25519MLKEM768", "X25519", "P-256", "P-384"];

const GLOBAL = `global
    lua-load ${REFUSAL}
    log stdout len 4096 format raw local0 info
    # When two threads write a line at once, HAProxy drops one. A thread answers over 10,000 predictions a second.
    nbthread 1
    stats socket ${SOCKET} mode 600 level admin
    # Without this bound, HAProxy takes memory for as many files as the engine lets it open.
    fd-hard-limit 40000
    # A request that is larger than this cannot be sent again; a trace of 1000 samples fits.
    tune.bufsize 32768
    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
    ssl-default-bind-ciphers ${CIPHERS.join(":")}
    ssl-default-bind-curves ${CURVES.join(":")}
    hard-stop-after 30s

defaults
    mode http
    log global
    option dontlognull
    option http-ignore-probes
    option http-keep-alive
    # A task that stops takes one more request on each connection, and says in its answer that the connection ends.
    option idle-close-on-response
    timeout connect 2s
    timeout client 120s
    timeout server 120s
    # A client has this long for its handshake and the headers of a request.
    timeout http-request 10s
    timeout http-keep-alive 60s
    timeout tarpit 5s
    timeout check 2s
    # A task that could not be reached, or that goes away before it answered: ask another.
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response
`;

const WRONG_PASSWORDS = `backend ${ATTEMPTS}
    stick-table type ipv6 size 100k expire 10m store gpc0_rate(1m)
`;

const READINESS = `frontend ready
    bind ":${readyPort(`\${${GENERATION}}`)}"
    monitor-uri ${READY}
    no log
`;

const METRICS = `frontend metrics
    bind :${METRICS_PORT}
    http-request use-service prometheus-exporter if { path /metrics }
    http-request return status 404
    no log
`;
