import { readFileSync } from "node:fs";

import { expect } from "chai";

import type { Endpoint } from "../../../../components/gateway/endpoint";
import type { Door } from "../../../../components/gateway/frontend";
import { renderProxy } from "../../../../components/gateway/proxy";
import { servingEndpoint } from "../../../../components/serving/modelServing";
import { updateGroup } from "../../../../components/service/updateGroup";
import { parseConfig } from "../../../../config/parse";
import { MOST_REPLICAS } from "../../../../config/schema";

const api: Endpoint = {
    name: "api",
    port: 8000,
    upstream: { host: "serving", ports: [8000], replicas: 2 },
    check: "/ready",
    open: "/health",
    permissions: [{ role: "caller", paths: ["/*"] }],
    ownHost: false,
};
/** Bytes of the engine's answer about "serving", measured: what is there once, and an address. */
const ANSWER = { once: 25, address: 23 };
const PLAIN: Door = { trusted: [], logSample: 1 };
const renderHaproxy = (endpoints: Endpoint[], door: Partial<Door> = {}) =>
    renderProxy(endpoints, { ...PLAIN, ...door });

describe("the tasks behind the front", () => {
    const text = renderHaproxy([api, { ...api, name: "mlflow", port: 5000, ownHost: true }]);
    const section = (header: string) => text.split(/\n(?=\S)/).find((part) => part.startsWith(header))!;

    it("asks for credentials on everything but reading the open path", () => {
        for (const name of ["api", "mlflow"]) {
            expect(section(`frontend ${name}`)).to.include(
                "set-var(txn.open) bool(true) if { path /health } { method GET HEAD }",
            );
            expect(section(`frontend ${name}`)).to.include(
                "set-var(txn.status) int(401) if !{ var(txn.user) -m found } !{ var(txn.open) -m bool } !{ var(txn.status) -m found }",
            );
        }
    });

    it("takes no body on the open path, where nobody signs in", () => {
        expect(section("frontend api")).to.match(
            /deny_status 413 if { var\(txn.open\) -m bool } { req.hdr_val\(Content-Length\) gt 0 }[^]*deny_status 413 if { var\(txn.open\) -m bool } { req.hdr\(Transfer-Encoding\) -m found }/,
        );
    });

    it("takes a password with its user's name, or alone as a token", () => {
        const rules = section("frontend api");
        expect(rules).to.include("set-var(txn.secret) http_auth_pass if { http_auth_type -i -m str basic }");
        expect(rules).to.include(
            "set-var(txn.secret) http_auth_bearer if { http_auth_type -i -m str bearer }",
        );
        expect(rules).to.include("sha2(256),hex,lower,map_str(/run/secrets/users.map)");
        expect(rules).to.match(
            /unset-var\(txn.user\) if .*basic } !{ var\(txn.name\),strcmp\(txn.user\) -m int eq 0 }/,
        );
    });

    it("lets whoever guesses passwords wait, and nobody else of the same address", () => {
        const rules = section("frontend api");
        const guess =
            "if !{ var(txn.user) -m found } !{ var(txn.open) -m bool } { req.hdr(Authorization) -m found }";
        expect(rules).to.include(`http-request track-sc0 src table attempts ${guess}`);
        expect(rules).to.include(`http-request sc-inc-gpc0(0) ${guess}`);
        expect(rules).to.match(/tarpit deny_status 429 .*sc_gpc0_rate\(0\) gt 10/);
    });

    it("refuses a token in an address, and writes no query into the log", () => {
        expect(section("frontend api")).to.include("{ url_param(access_token) -m found }");
        expect(section("frontend api")).to.include("%(path)HPO");
        expect(section("frontend api")).not.to.match(/%\(\w+\)(HU|r|HQ)\b/);
    });

    it("reads an upload before it refuses it: its sender would see a broken connection", () => {
        expect(section("global")).to.include("lua-load /etc/haproxy/refuse.lua");
        expect(section("frontend api")).to.match(/use-service lua.refuse if { var\(txn.status\) -m found }/);
        expect(readFileSync("images/gateway/Dockerfile", "utf8")).to.include(
            "refuse.lua /etc/haproxy/refuse.lua",
        );
    });

    it("bounds the bodies of an endpoint that has a bound", () => {
        expect(renderHaproxy([{ ...api, mostBytes: 1000 }])).to.include(
            "{ req.hdr_val(Content-Length) gt 1000 }",
        );
        expect(text).not.to.match(/int\(413\)/);
    });

    it("takes a request's id or makes one, passes it on and returns it", () => {
        const rules = section("frontend api");
        expect(rules).to.include("set-var(txn.id) uuid() if !{ var(txn.id) -m found }");
        expect(rules).to.include("http-request set-header X-Request-ID %[var(txn.id)]");
        expect(rules).to.include("http-after-response set-header X-Request-ID %[var(txn.id)]");
    });

    it("logs each request, or a share of the answered predictions", () => {
        const repeatable = { quick: "/predict", others: ["/batch_predict"] };
        expect(renderHaproxy([{ ...api, repeatable }])).not.to.include("set-log-level");
        expect(renderHaproxy([{ ...api, repeatable }], { logSample: 0.01 })).to.match(
            /bool\(true\) if { path \/predict \/batch_predict } { rand\(1000000\) ge 10000 }\n +http-response set-log-level silent if { var\(txn.silent\) -m bool } { status 200 }/,
        );
        expect(renderHaproxy([api], { logSample: 0.01 })).not.to.include("set-log-level");
    });

    it("runs one thread, because two at once lose lines of the log", () => {
        expect(section("global"))
            .to.include("    log stdout len 4096 format raw local0 info\n")
            .and.include("\n    nbthread 1\n");
    });

    it("ends TLS with a certificate, and speaks plain HTTP without one", () => {
        expect(renderHaproxy([api], { certificate: "/c.pem" })).to.include(
            'bind ":${GENERATION}01" accept-proxy ssl crt /c.pem alpn h2,http/1.1\n',
        );
        expect(section("frontend api")).to.include('bind ":${GENERATION}01" accept-proxy\n');
        expect(section("global")).to.include("ssl-min-ver TLSv1.2");
        expect(section("global")).to.include("ssl-default-bind-curves X25519MLKEM768:X25519:P-256:P-384\n");
    });

    it("has browsers ask by https only where that is wanted, also those that are refused", () => {
        const rule = "http-after-response set-header Strict-Transport-Security max-age=300\n";
        const strict = renderHaproxy([
            { ...api, hsts: 300 },
            { ...api, name: "mlflow" },
        ]);
        expect(strict.split(rule)).to.have.length(2);
        expect(strict.indexOf(rule)).to.be.below(strict.indexOf("frontend mlflow"));
        expect(renderHaproxy([{ ...api, hsts: 0 }])).to.include("Strict-Transport-Security max-age=0\n");
        expect(text).not.to.include("Strict-Transport-Security");
        const { serving, tls } = parseConfig({
            environment: "dev",
            tls: { certificate: "a.pem", hsts: 300 },
        });
        expect(servingEndpoint(serving, [], tls.hsts).hsts).to.equal(300);
    });

    it("shows an ACME server its proofs, and sends everybody else from plain HTTP to TLS", () => {
        const challenge = { program: "/challenge.lua", redirect: "https://ml.example.org:8002/a%20'b" };
        const proofs = renderProxy([api], { ...PLAIN, certificate: "/c.pem" }, { challenge });
        expect(proofs).to.include("global\n    lua-load /challenge.lua\n");
        expect(proofs).to.match(
            /frontend http\n {4}bind ":\$\{GENERATION\}99" accept-proxy\n.*\n {4}http-request use-service lua.challenge if { method GET HEAD } { path_beg \/.well-known\/acme-challenge\/ }\n/,
        );
        expect(proofs).to.include("redirect code 308 prefix 'https://ml.example.org:8002/a%%20%%27b'\n");
        expect(renderProxy([api], PLAIN)).not.to.match(/challenge|frontend http\n/);
    });

    it("believes the client's address of a proxy that it knows", () => {
        expect(renderHaproxy([api], { trusted: ["10.0.0.5", "10.1.0.0/24"] })).to.include(
            "set-src req.hdr_ip(X-Forwarded-For,-1) if { src 10.0.0.5 10.1.0.0/24 }",
        );
        expect(text).not.to.include("set-src");
    });

    it("keeps a slot for each replica and for those that an update adds, the same ones for a few more", () => {
        expect(section("backend api")).to.include("server-template api 32 serving:8000");
        const scaled = (replicas: number) =>
            renderHaproxy([{ ...api, upstream: { ...api.upstream, replicas } }]);
        // An update of 23 replicas adds 8 tasks, and a task that is gone keeps its slot for a moment.
        expect(scaled(23)).to.equal(scaled(1));
        expect(scaled(24)).to.include("server-template api 64 serving:8000");
        expect(scaled(100)).to.include("server-template api 160 serving:8000");
    });

    it("takes an answer of the engine with all addresses of the most replicas and of their update", () => {
        const bytes = Number(/accepted_payload_size (\d+)/.exec(text)![1]);
        const addresses = MOST_REPLICAS + updateGroup(MOST_REPLICAS);
        expect(bytes).to.be.at.least(ANSWER.once + addresses * ANSWER.address);
    });

    it("sends only to tasks that say they are ready", () => {
        expect(section("backend api")).to.include(
            "http-check send meth GET uri /ready ver HTTP/1.1 hdr Host serving:8000",
        );
        expect(section("backend api")).to.include("http-check expect status 200");
    });

    it("lets only the generation of tasks answer that has more of them ready", () => {
        const both = renderHaproxy([{ ...api, upstream: { ...api.upstream, ports: [8000, 8001] } }]);
        expect(both).to.include(
            "    use_backend api-8001 if { var(txn.lead) -m int lt 0 }\n    default_backend api-8000\n",
        );
        expect(both).to.include("server-template api 32 serving:8001");
        expect(text).not.to.include("use_backend");
    });

    it("has others answer below a path of the same port, with credentials like the rest", () => {
        const status = { host: "status", port: 8000 };
        const branched = renderHaproxy([
            {
                ...api,
                upstream: { ...api.upstream, ports: [8000, 8001] },
                branches: [{ name: "status", path: "/status", upstream: status, check: "/up" }],
            },
        ]);
        // This rule must come before the choice of a generation, or no request reaches it. "/statuses" belongs to the
        // API.
        expect(branched).to.match(
            /lua.refuse [^]*use_backend status if { path \/status } or { path_beg \/status\/ }\n[^]*set-var\(txn.second\)/,
        );
        expect(branched).to.match(/backend status\n[^]*uri \/up [^]*server-template status 32 status:8000/);
    });

    it("asks another task again only for what changes nothing", () => {
        // A repeated POST to MLflow would make a run or a version twice. A failed connection has sent no request yet.
        expect(section("backend mlflow")).to.include("http-request disable-l7-retry unless METH_GET\n");
        expect(section("backend mlflow")).to.include("option http-server-close");
        expect(section("backend mlflow")).not.to.include("response-timeout");
        expect(section("defaults")).to.include("retry-on conn-failure empty-response\n");
        const repeatable = { quick: "/predict", others: ["/batch_predict"] };
        const serving = renderHaproxy([{ ...api, repeatable }]);
        expect(serving).to.include("retry-on conn-failure empty-response response-timeout");
        expect(serving).to.include(
            "http-request disable-l7-retry unless METH_GET or { path /predict /batch_predict }",
        );
    });

    it("waits for a prediction some seconds, from when its question is whole, and for an upload as long as it takes", () => {
        const { repeatable } = servingEndpoint(parseConfig({ environment: "dev" }).serving, []);
        expect(repeatable).to.deep.equal({ quick: "/predict", others: ["/batch_predict", "/explain"] });
        const serving = renderHaproxy([{ ...api, repeatable: repeatable! }]);
        expect(serving).to.match(
            /wait-for-body time 60s if { path \/predict }\n +http-request set-timeout server 5s if { path \/predict }/,
        );
        expect(serving).to.include("timeout server 120s");
        expect(serving).not.to.match(/set-timeout.*batch/);
    });

    it("tells Prometheus of itself on a port that is not published, and nobody of anything else there", () => {
        expect(section("frontend metrics")).to.include("bind :8404");
        expect(section("frontend metrics")).to.include("prometheus-exporter if { path /metrics }");
        expect(section("frontend metrics")).to.include("return status 404");
    });

    it("rewrites Host only where the upstream answers to its own name", () => {
        expect(section("backend mlflow")).to.include("set-header Host serving:8000");
        expect(section("backend api")).not.to.include("set-header");
    });

    it("holds no credentials: they are in a file of their own", () => {
        expect(text).not.to.match(/insecure-password|userlist/);
    });
});
