import { readFileSync } from "node:fs";

import { expect } from "chai";

import { Endpoint, renderHaproxy, renderUsers } from "../../../../components/gateway/haproxy";
import { servingEndpoint } from "../../../../components/serving/modelServing";
import { parseConfig } from "../../../../config/parse";

const api: Endpoint = {
    name: "api",
    port: 8000,
    upstream: { host: "serving", ports: [8000], replicas: 2 },
    check: "/ready",
    open: "/health",
    ownHost: false,
};

describe("haproxy", () => {
    const text = renderHaproxy([api, { ...api, name: "mlflow", port: 5000, ownHost: true }]);
    const section = (header: string) => text.split(/\n(?=\S)/).find((part) => part.startsWith(header))!;

    it("asks for credentials on everything but the open path", () => {
        for (const name of ["api", "mlflow"]) {
            expect(section(`frontend ${name}`)).to.include(
                `http-request auth realm ${name} unless { path /health } or { http_auth(users) }`,
            );
        }
    });

    it("reads an upload before it refuses it: its sender would see a broken connection", () => {
        expect(section("global")).to.include("lua-load /etc/haproxy/refuse.lua");
        expect(section("frontend api")).to.match(
            /use-service lua.refuse unless METH_GET or { path \/health } or { http_auth\(users\) }\n +http-request auth/,
        );
        expect(readFileSync("images/gateway/Dockerfile", "utf8")).to.include(
            "refuse.lua /etc/haproxy/refuse.lua",
        );
    });

    it("keeps a slot for each replica and for those that an update adds, the same ones for a few more", () => {
        expect(section("backend api")).to.include("server-template api 32 serving:8000");
        const scaled = (replicas: number) =>
            renderHaproxy([{ ...api, upstream: { ...api.upstream, replicas } }]);
        expect(scaled(30)).to.equal(scaled(1));
        expect(scaled(31)).to.include("server-template api 64 serving:8000");
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
            /http-request auth [^]*use_backend status if { path \/status } or { path_beg \/status\/ }\n[^]*set-var\(txn.second\)/,
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
        expect(repeatable).to.deep.equal({ quick: "/predict", others: ["/batch_predict"] });
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
        expect(text).not.to.include("password");
        expect(renderUsers("ann", "pw")).to.equal("userlist users\n    user ann insecure-password pw\n");
    });
});
