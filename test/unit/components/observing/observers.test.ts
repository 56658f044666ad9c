import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import { certificateEnd, selfSigned } from "../../../../components/gateway/certificate";
import { parseConfig } from "../../../../config/parse";
import type { Secrets } from "../../../../config/secrets";
import type { ReleaseRecord } from "../../../../releases/records";
import { letsIn } from "../../../support/gateway/inside";
import { deployment, recorded, recordResources, value } from "../../../support/program/recording";

interface Service {
    name: string;
    taskSpec: {
        containerSpec: {
            commands: string[];
            image: string;
            mounts: { source: string; target: string; readOnly: boolean }[];
            secrets: { fileName: string }[];
        };
    };
}

describe("what observes a stack", () => {
    recordResources();

    /** The services that a configuration makes, by role. */
    const observe = async (values: object, secrets: Secrets = { giving: [] }, pem?: string) => {
        const { observers } = await import("../../../../components/observing/observers");
        const { ModelRegistry } = await import("../../../../components/registry/modelRegistry");
        const { SourceImage } = await import("../../../../components/image/sourceImage");
        const { SurveyData } = await import("../../../../components/data/surveyData");
        const config = parseConfig({ environment: "staging", ...values });
        const network = "net-id";
        const registry = new ModelRegistry("registry", { deployment, config: config.mlflow, network });
        const image = new SourceImage("trainer", { context: "images/gateway", repository: "trainer" });
        const survey = new SurveyData("survey", {
            deployment,
            source: { source: "folder", path: "." },
            trainer: config.trainer,
            image: image.reference,
            releases: [],
        });
        const ingredients = {
            config,
            release: { ref: "v1", commit: "abc", dirty: false, trainer: "trainer" },
            image: image.tag,
            fingerprint: "x",
        };
        const services = observers({
            ...{ deployment, ingredients, secrets, image, survey, registry },
            networks: { front: network, registry: network },
            gateway: {
                ...letsIn(),
                certificate: pem === undefined ? undefined : pulumi.output(pem),
            } as never,
            model: pulumi.output("trained"),
            released: pulumi.output([released]),
            isFirst: true,
        });
        await Promise.all(services.map(({ service }) => value(service.healthy)));
        const made = recorded.filter(({ type }) => type === "docker:index/service:Service");
        return Object.fromEntries(
            made.map(({ inputs }): [string, Service["taskSpec"]["containerSpec"]] => {
                const { name, taskSpec } = inputs as unknown as Service;
                return [name.replace(`${deployment.prefix}-`, ""), taskSpec.containerSpec];
            }),
        );
    };
    /** The texts of the declared configs. */
    const configs = () =>
        recorded
            .filter(({ type }) => type === "docker:index/serviceConfig:ServiceConfig")
            .map(({ inputs }) => Buffer.from(inputs.data as string, "base64").toString())
            .join("\n");
    const released: ReleaseRecord = {
        ...{
            commit: "abc",
            ref: "v1",
            dirty: false,
            image: "trainer:1",
            version: "3",
            sha256: "5".repeat(64),
        },
        ...{ filesSha256: "6".repeat(64), runId: "r", dataSha256: "d", trainedAt: "t", metrics: {} },
        ...{ recipe: "", serving: "s", at: "", by: "", why: "" },
    };
    const OBSERVERS = ["status", "prometheus", "alertmanager", "volumes", "postgres-metrics"];

    it("is there as far as the configuration asks for it", async () => {
        const roles = async (values: object) => {
            recorded.length = 0;
            return Object.keys(await observe(values)).filter(
                (role) => !["mlflow", "postgres"].includes(role),
            );
        };
        expect(await roles({})).to.have.members(OBSERVERS);
        expect(await roles({ monitoring: { enabled: false } })).to.deep.equal(["status"]);
        expect(await roles({ monitoring: { enabled: false }, statusPage: false })).to.deep.equal([]);
        expect(
            await roles({
                grafana: { image: "grafana/grafana:12.3.0" },
                summary: { enabled: true },
                retraining: { schedule: "0 3 * * 1" },
            }),
        ).to.have.members([...OBSERVERS, "grafana", "ollama", "retraining"]);
    });

    it("is run by the trainer that the configuration names, where a trainer's code does it", async () => {
        const { status, retraining } = await observe({
            trainer: { path: "examples/tabular", package: "tabular" },
            retraining: { schedule: "0 3 * * 1" },
        });
        expect(status!.commands.slice(-3)).to.deep.equal(["python", "-m", "tabular.status"]);
        expect(retraining!.commands.slice(-3)).to.deep.equal(["python", "-m", "tabular.retraining"]);
    });

    it("sees the volumes, and can change nothing on them", async () => {
        const { volumes } = await observe({});
        const mounts = volumes!.mounts.filter(({ target }) => target !== "/tmp");
        expect(mounts.map(({ target }) => target)).to.deep.equal([
            "/volumes/mlflow-artifacts",
            "/volumes/postgres",
            "/volumes/prometheus",
        ]);
        expect(mounts.every(({ readOnly }) => readOnly)).to.equal(true);
    });

    it("gives Alertmanager the receivers' secrets as files, and only those that are set", async () => {
        const webhook = pulumi.secret("https://hooks.example.org/T0");
        const { alertmanager } = await observe({}, { giving: [], slackWebhook: webhook });
        expect(alertmanager!.secrets.map(({ fileName }) => fileName)).to.deep.equal([
            "/run/secrets/slack-webhook",
        ]);
        expect(JSON.stringify(alertmanager)).not.to.include("hooks.example.org");
        expect(configs()).to.include("slack_api_url_file").and.not.include("hooks.example.org");
    });

    it("has Prometheus watch the end of a certificate that nobody renews by itself", async () => {
        const pem = await selfSigned(["ml.example.org"]);
        recorded.length = 0;
        await observe({ tls: { selfSigned: true } }, { giving: [] }, pem);
        const ends = certificateEnd(pem);
        expect(ends).to.be.closeTo(Date.now() / 1000 + 824 * 86_400, 60);
        expect(configs()).to.include(`vector(${ends}) - time() <`);
    });

    it("keeps PostgreSQL's password from its exporter's command", async () => {
        const { "postgres-metrics": exporter } = await observe({});
        expect(exporter!.commands).to.include.members([
            "DATA_SOURCE_PASS_FILE=/run/secrets/monitor-password",
            "DATA_SOURCE_USER=monitor",
        ]);
        expect(JSON.stringify(exporter)).not.to.include("s3cret");
    });

    it("has the trainer run again with what a deployment gives it", async () => {
        const { retraining } = await observe({
            retraining: { onDrift: true, cooldown: "1h" },
            gate: { floors: { macroF1: 0.9 } },
            summary: { enabled: true },
        });
        expect(retraining!.commands).to.include.members([
            "RETRAIN_COOLDOWN=3600",
            "RETRAIN_ALERTS=ModelDrift",
            "SUMMARY_URL=http://ollama:11434",
            "GIT_COMMIT=abc",
            "DATA_DIR=/data",
            "CHAMPION_VERSION=3",
            `CHAMPION_SHA256=${"5".repeat(64)}`,
            `CHAMPION_FILES_SHA256=${"6".repeat(64)}`,
            "GATE_UNCOMPARED=floors",
        ]);
        expect(retraining!.commands.find((it) => it.startsWith("GATE="))).to.include('"macroF1":0.9');
        expect(retraining!.mounts).to.deep.include({
            ...{ type: "bind", source: process.cwd(), target: "/data", readOnly: true },
        });
    });
});
