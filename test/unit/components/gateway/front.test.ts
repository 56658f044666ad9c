import { expect } from "chai";

import { renderFront } from "../../../../components/gateway/front";

describe("the gateway's front", () => {
    const text = renderFront(
        [
            { name: "api", port: 8000 },
            { name: "mlflow", port: 443 },
        ],
        "access",
    );
    const section = (header: string) => text.split(/\n(?=\S)/).find((part) => part.startsWith(header))!;

    it("passes each port on to the generation that has more ready tasks", () => {
        expect(section("frontend api")).to.include("bind :8000\n");
        expect(section("frontend mlflow")).to.include("bind :443\n");
        expect(section("frontend api")).to.match(
            /use_backend api-82 if { var\(txn\.lead\) -m int lt 0 }\n {4}default_backend api-81/,
        );
        expect(section("backend api-81")).to.include("server-template api 4 access:8101");
        expect(section("backend api-82")).to.include("server-template api 4 access:8201");
        expect(section("backend mlflow-81")).to.include("access:8102");
    });

    it("asks each generation whether it is ready, and tells it who connects", () => {
        expect(section("backend api-82")).to.match(/uri \/ready [^]*port 8200 send-proxy-v2/);
    });

    it("has the same ports behind it when other endpoints come and go", () => {
        expect(renderFront([{ name: "mlflow", port: 443 }], "access")).to.include("access:8102");
    });

    it("bounds the connections of a port, of the machine itself, and of any other address", () => {
        expect(section("frontend api")).to.include("maxconn 6000");
        expect(section("frontend api")).to.include("reject if { sc_conn_cur(0) gt 2500 }\n");
        expect(section("frontend api")).to.include(
            'reject if { sc_conn_cur(0) gt 512 } !{ src "${MACHINE}" }\n',
        );
    });

    it("passes plain HTTP on to a port that no part has", () => {
        const http = renderFront([{ name: "http", port: 8080 }], "access");
        expect(http).to.include("frontend http\n    bind :8080\n").and.include("access:8199");
    });

    it("ends no TLS and knows no user", () => {
        expect(text).not.to.match(/ssl|users|http_auth/);
    });
});
