import { expect } from "chai";

import { parseConfig, parseTexts } from "../../../config/parse";
import { committedConfig, STACK_FILES } from "../../support/program/stackFiles";
import { problems, PROD } from "../../support/program/problemsOfConfig";

describe("config", () => {
    it("fills in what is left out", () => {
        const config = parseConfig({ environment: "dev" });
        expect(config.mlflow).to.deep.equal({
            port: 5000,
            experiment: "seismic_classification_dev",
            backend: "sqlite",
            limits: {},
            reservations: {},
        });
        expect(config.model).to.deep.equal({ name: "SeismicClassifier", stage: "None" });
        expect(config.data).to.deep.equal({ source: "demo", traces: 20000, samples: 462, seed: 7 });
        expect(config.serving.replicas).to.equal(1);
        expect(config.training.run).to.equal("always");
        expect(config.gate).to.deep.equal({
            uncompared: "floors",
            floors: {},
            regression: { macroF1: 0.02, accuracy: 0.02, recall: 0.05 },
        });
        expect(config.promoteFrom).to.equal(undefined);
    });

    it("asks staging in prod, unless told to ask another stack, or none", () => {
        const prod = { environment: "prod", release: "v1", ...PROD };
        expect(parseConfig(prod).promoteFrom).to.equal("staging");
        expect(parseConfig({ ...prod, promoteFrom: "qa" }).promoteFrom).to.equal("qa");
        expect(parseConfig({ ...prod, promoteFrom: "none" }).promoteFrom).to.equal(undefined);
    });

    it("has floors outside of dev, which the stack's own stand over one by one", () => {
        const gate = { floors: { recall: 0.9, classRecall: { anomaly: 0.95 } } };
        expect(parseConfig({ environment: "staging", gate }).gate.floors).to.deep.equal({
            macroF1: 0.7,
            accuracy: 0.7,
            recall: 0.9,
            classRecall: { anomaly: 0.95 },
        });
    });

    it("takes a fraction as pulumi config set --path writes it, which is a text", () => {
        const { gate, serving } = parseConfig({
            environment: "dev",
            gate: { regression: { macroF1: "0.1" } },
            serving: { limits: { cpus: "0.5" } },
        });
        expect(gate.regression.macroF1).to.equal(0.1);
        expect(serving.limits.cpus).to.equal(0.5);
    });

    const refused: [string, Record<string, unknown>, string][] = [
        ["an unknown key", { servng: {} }, "servng: no such key; did you mean serving?"],
        [
            "a nested unknown key",
            { serving: { replica: 2 } },
            "serving.replica: no such key; did you mean replicas?",
        ],
        [
            "an unknown key in a union",
            { data: { source: "folder", path: "x", pth: 1 } },
            "data.pth: no such key; did you mean path?",
        ],
        [
            "an unknown key like no other",
            { model: { zzzzzz: 1 } },
            "model.zzzzzz: no such key; known here: name, stage",
        ],
        [
            "a share above 1",
            { gate: { floors: { macroF1: 70 } } },
            "gate.floors.macroF1: got 70; needs a number from 0 to 1",
        ],
        [
            "a share that is no number",
            { gate: { regression: { recall: "low" } } },
            "gate.regression.recall: got low; needs a number from 0 to 1",
        ],
        [
            "a port out of range",
            { mlflow: { port: 70000 } },
            "mlflow.port: got 70000; needs a port number from 1 to 65535",
        ],
        [
            "a port that is no number",
            { mlflow: { port: "x" } },
            "mlflow.port: got x; needs a port number from 1 to 65535",
        ],
        [
            "no replicas",
            { serving: { replicas: 0 } },
            "serving.replicas: got 0; needs a whole number of 1 or more",
        ],
        [
            "a word not allowed",
            { training: { run: "often" } },
            "training.run: got often; allowed: always, on-change, never",
        ],
        [
            "a duration without a unit",
            { training: { timeout: "20" } },
            'training.timeout: got 20; needs a duration such as "30s", "20m" or "1h"',
        ],
        [
            "a size without a unit",
            { serving: { limits: { memory: 2 } } },
            'serving.limits.memory: got 2; needs a size such as "512m" or "2g"',
        ],
        [
            "two services on one port",
            { mlflow: { port: 8000 } },
            "serving.port: got 8000, which mlflow.port has; give each a port of its own",
        ],
        [
            "a reservation above its limit",
            { serving: { limits: { memory: "1g" }, reservations: { memory: "2g" } } },
            "serving.reservations.memory: got 2g; must not exceed serving.limits.memory, 1g",
        ],
        [
            "a data folder without a path",
            { data: { source: "folder" } },
            "data.path: missing; set it with: pulumi config set --path 'data.path' VALUE",
        ],
    ];
    for (const [what, values, message] of refused) {
        it(`refuses ${what}`, () => {
            expect(problems({ environment: "dev", ...values })).to.deep.equal([message]);
        });
    }

    it("fills in what the environment decides", () => {
        const { release, model, mlflow, serving, logLevel } = parseConfig({ environment: "staging" });
        expect({ release, stage: model.stage, logLevel }).to.deep.equal({
            release: "HEAD",
            stage: "Staging",
            logLevel: "INFO",
        });
        expect([mlflow.port, mlflow.backend, serving.port, serving.replicas]).to.deep.equal([
            5001,
            "postgres",
            8001,
            1,
        ]);
    });

    it("refuses in prod what prod's rules forbid", () => {
        const values = {
            environment: "prod",
            release: "HEAD",
            sourceMount: true,
            model: { stage: "Staging" },
            mlflow: { backend: "sqlite", limits: { cpus: 1, memory: "2g" } },
            training: { limits: { cpus: 2, memory: "4g" } },
            serving: { replicas: 1, limits: { cpus: 2 } },
        };
        expect(problems(values)).to.deep.equal([
            "model.stage: got Staging; the models of prod have the stage Production",
            "release: got HEAD; prod pins a git tag or commit, which others can find again; " +
                "take the one that staging proved: npm run promote -- --from staging --to prod",
            "sourceMount: got true; prod serves what its image holds, so set it to false",
            "mlflow.backend: got sqlite; prod keeps its registry in postgres",
            "serving.replicas: got 1; prod needs at least 2",
            "tls: missing; prod sends no password in clear, so set tls.acme, tls.selfSigned or tls.certificate, " +
                "or tls.endsBefore if a proxy in front has the certificate (docs/security.md)",
            "serving.limits.memory: missing; prod limits what each part may take",
        ]);
    });

    it("names every problem in one message, and how many there are", () => {
        const values = { environment: "dve", serving: { port: 0, replicas: 0 } };
        expect(problems(values).map((line) => line.split(":")[0])).to.have.members([
            "environment",
            "serving.port",
            "serving.replicas",
        ]);
        expect(() => parseConfig(values)).to.throw(
            /^3 problems in the stack's configuration; nothing was changed/,
        );
    });

    it("takes digits for text where text is meant, and texts for what they spell", () => {
        const config = parseTexts(
            { "p:environment": "dev", "p:release": "1234567", "p:sourceMount": "true" },
            "p",
        );
        expect(config.release).to.equal("1234567");
        expect(config.sourceMount).to.equal(true);
    });

    it("ships the values of each environment", () => {
        expect(STACK_FILES).to.have.members(["Pulumi.dev.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"]);
    });
    for (const file of STACK_FILES) {
        it(`accepts the committed ${file}`, () => {
            expect(() => committedConfig(file)).not.to.throw();
        });
    }
});
