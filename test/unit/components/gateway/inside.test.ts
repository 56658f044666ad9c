import { expect } from "chai";

import { renderInside } from "../../../../components/gateway/inside";
import { INSIDERS, renderInsiders } from "../../../../components/gateway/insiders";
import { waysInside } from "../../../../components/observing/observers";
import { parseConfig } from "../../../../config/parse";

describe("the ways into the registry's network", () => {
    const render = (given: object) => {
        const sections = renderInside(waysInside(parseConfig({ environment: "staging", ...given })));
        return (name: string) => sections.find((it) => it.startsWith(`${name}\n`));
    };
    const ALL = { retraining: { onDrift: true }, backup: { schedule: "0 3 * * *" } };

    it("are open to the services that need them, each to its own", () => {
        const section = render(ALL);
        const only = (users: string) =>
            `http-request unset-var(txn.user) if !{ var(txn.user) -m str ${users} }`;
        expect(section("frontend reader")).to.include(only("serving status"));
        expect(section("frontend scrapes")).to.include(only("prometheus"));
        expect(section("frontend alerts")).to.include(only("alertmanager"));
        for (const way of ["reader", "scrapes", "alerts"]) {
            expect(section(`frontend ${way}`)).to.include("map_str(/run/secrets/insiders.map)");
        }
    });

    it("lead to MLflow for what a viewer may read, to metrics, and to retraining for alerts", () => {
        const section = render(ALL);
        expect(section("frontend reader")).to.include("default_backend mlflow-5000");
        expect(section("frontend reader")).to.match(
            /str\(viewer\) .* { method POST } { path .*\/api\/2.0\/mlflow\/runs\/search/,
        );
        expect(section("frontend scrapes")).to.match(
            /str\(viewer\) .* { method GET HEAD OPTIONS } { path \/mlflow\/metrics \/postgres\/metrics \/retraining\/metrics \/backup\/metrics }/,
        );
        expect(section("backend scrape-mlflow")).to.include("set-header Host mlflow:5000");
        expect(section("frontend alerts")).to.match(
            /str\(operator\) .* { method POST } { path \/retraining\/alerts }/,
        );
        expect(section("frontend alerts")).to.include("default_backend retraining\n");
    });

    it("are not there where nothing needs them", () => {
        const bare = { monitoring: { enabled: false }, statusPage: false };
        expect(render(bare)("frontend scrapes")).to.equal(undefined);
        expect(render(bare)("frontend alerts")).to.equal(undefined);
        expect(render({})("frontend alerts")).to.equal(undefined);
        expect(waysInside(parseConfig({ environment: "staging", ...bare })).insiders).to.deep.equal([
            "serving",
        ]);
    });

    it("log what is refused or fails", () => {
        expect(render({})("frontend reader")).to.include(
            "http-response set-log-level silent if { status lt 400 }",
        );
    });

    it("know a service by a password that no other service can compute", () => {
        const all = Object.keys(INSIDERS) as (keyof typeof INSIDERS)[];
        const lines = renderInsiders("key", all).trim().split("\n");
        expect(new Set(lines.map((line) => line.split(" ")[0]))).to.have.length(all.length);
        expect(lines.map((line) => line.split(" ")[1])).to.deep.equal([
            ...["2:viewer:serving", "2:viewer:status", "2:viewer:prometheus", "3:operator:alertmanager"],
        ]);
        expect(renderInsiders("key", ["status"])).to.equal(`${lines[1]}\n`);
        expect(renderInsiders("other", ["status"])).not.to.equal(`${lines[1]}\n`);
    });
});
