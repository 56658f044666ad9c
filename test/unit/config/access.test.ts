import { expect } from "chai";

import { externalUrl } from "../../../components/observing/externalUrl";
import { parseConfig } from "../../../config/parse";
import { type Access, publicUrl } from "../../../config/access/access";
import { engineHost } from "../../../engine/address";
import { readerOf } from "../../support/gateway/inside";
import { deployment, recorded, recordResources, value } from "../../support/program/recording";

describe("the addresses of a stack", () => {
    const access = (given: object = {}): Access => parseConfig({ environment: "dev", access: given }).access;

    it("are those of the engine's host where none is given", () => {
        const hosts: [string | undefined, string][] = [
            ["unix:///var/run/docker.sock", "localhost"],
            ["ssh://me@engine.example.org", "engine.example.org"],
            ["ssh://me@engine.example.org:2222", "engine.example.org"],
            ["tcp://10.0.0.5:2376", "10.0.0.5"],
            ["tcp://[fd00::5]:2376", "[fd00::5]"],
        ];
        for (const [host, name] of hosts) {
            expect(engineHost(host), host).to.equal(name);
            expect(publicUrl(access(), engineHost(host), "api", 8000)).to.equal(`http://${name}:8000`);
        }
    });

    it("are those of the given host, with each part's port, and of a part that has one of its own", () => {
        const given = access({ url: "https://ml.example.org/", mlflow: "https://mlflow.example.org/a/" });
        expect(publicUrl(given, "engine", "api", 8002)).to.equal("https://ml.example.org:8002");
        expect(publicUrl(given, "engine", "mlflow", 5002)).to.equal("https://mlflow.example.org/a");
    });

    it("are what Prometheus and Alertmanager link to, below a path too, which a proxy takes away", () => {
        expect(externalUrl("http://localhost:9090")).to.deep.equal([
            "--web.external-url=http://localhost:9090",
        ]);
        expect(externalUrl("https://a.org/prometheus")).to.deep.equal([
            "--web.external-url=https://a.org/prometheus",
            "--web.route-prefix=/",
        ]);
    });

    describe("in what is declared", () => {
        recordResources();

        it("are on the status page, which knows its own host where none is given", async () => {
            const { StatusPage } = await import("../../../components/observing/statusPage");
            const linksOf = async (given: object) => {
                recorded.length = 0;
                const survey = {
                    reader: "1:1",
                    mount: { kind: "host", path: "/d", target: "/data", readOnly: true },
                };
                const page = new StatusPage("status", {
                    ...{ deployment, network: "n", image: "i:1", reader: readerOf("status") },
                    config: parseConfig({ environment: "dev", monitoring: { enabled: true }, ...given }),
                    survey: survey as never,
                });
                await value(page.service.rollout);
                const text = JSON.stringify(recorded.map(({ inputs }) => inputs));
                const [, links] = /LINKS=(\{.*?\})"/.exec(text.replaceAll('\\"', "'")) ?? [];
                return JSON.parse(links!.replaceAll("'", '"')) as unknown;
            };
            expect(await linksOf({})).to.deep.equal({ MLflow: 5000, Prometheus: 9090, Alertmanager: 9093 });
            expect(
                await linksOf({ access: { url: "https://ml.example.org", prometheus: "https://p.org" } }),
            ).to.deep.equal({
                MLflow: "https://ml.example.org:5000",
                Prometheus: "https://p.org",
                Alertmanager: "https://ml.example.org:9093",
            });
        });
    });
});
