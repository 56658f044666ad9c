import { expect } from "chai";

import { checkOf, fieldsOf } from "../../../contract/checks";
import contract from "../../../contract/trainer.schema.json";
import { parseConfig } from "../../../config/parse";
import { gateVariables } from "../../../components/training/trainingPlan";

type Definition = Parameters<typeof checkOf>[0];

const SHA256 = "0".repeat(64);
const RESULT = {
    ...{ version: "3", runId: "r", trainedAt: "2026-01-01T00:00:00Z", sha256: SHA256, alias: "challenger" },
    ...{ reproduced: false, metrics: { macroF1: 0.9 }, dataSha256: "d" },
};
const TAGS = { model_sha256: SHA256, data_sha256: "d", environment: "dev", run_token: "t", gate: "passed" };
const PROGRESS = { stage: "tuning", done: 1, total: 2, note: "" };

/** A value of each kind, and changes of it that are refused. */
const CASES: readonly [Definition, value: object, wrong: readonly object[]][] = [
    [
        "result",
        RESULT,
        [
            { version: 3 },
            { sha256: "abc" },
            { filesSha256: "../x" },
            { gate: { passed: true } },
            { gate: { passed: true, reasons: [], champion: "2" } },
            { metrics: { macroF1: 1.1 } },
            { metrics: { more: "text" } },
            { registered: false },
        ],
    ],
    [
        "unregisteredResult",
        { sha256: SHA256, metrics: {}, dataSha256: "d", tuning: {}, registered: false },
        [{ registered: true }, { tuning: { cutShort: "no" } }],
    ],
    ["progress", PROGRESS, [{ stage: "cooking" }, { done: -1 }, { note: null }]],
    ["versionTags", TAGS, [{ gate: "maybe" }, { git_dirty: "no" }, { seed: 7 }]],
    [
        "expectations",
        { requests: [{ path: "/predict", body: {}, answer: {} }] },
        [{ requests: [{ path: "predict", body: {}, answer: {} }] }, { requests: [{ path: "/predict" }] }],
    ],
    [
        "bounds",
        {
            floors: { recall: 0.5 },
            regression: { recall: 0.1, rmse: { by: 1, better: "lower" } },
            bounds: { "recall.anomaly": { min: 0.5, max: 1 } },
            mode: "warn",
        },
        [
            ...[{ floors: { recall: 2 } }, { ceilings: {} }, { mode: "stop" }],
            ...[{ regression: { rmse: 1 } }, { regression: { rmse: { by: 1, better: "less" } } }],
            ...[
                { regression: { rmse: { by: 1 } } },
                { bounds: { rmse: 1 } },
                { bounds: { rmse: { most: 1 } } },
            ],
        ],
    ],
    ["served", { model_version: "3", model_sha256: SHA256, commit: "" }, [{ model_version: 3 }]],
];

describe("the contract of platform and trainer", () => {
    for (const [definition, value, wrong] of CASES) {
        it(`says what is a ${definition}`, () => {
            const check = checkOf(definition);
            expect(check.safeParse(value).success, JSON.stringify(value)).to.equal(true);
            for (const change of wrong) {
                expect(check.safeParse({ ...value, ...change }).success, JSON.stringify(change)).to.equal(
                    false,
                );
            }
        });
    }

    it("describes each definition's properties", () => {
        const silent: string[] = [];
        const look = (path: string, schema: object): void => {
            for (const [name, it] of Object.entries((schema as { properties?: object }).properties ?? {})) {
                if (!("description" in (it as object))) {
                    silent.push(`${path}.${name}`);
                }
                look(`${path}.${name}`, it as object);
            }
        };
        Object.entries(contract.$defs).forEach(([name, schema]) => look(name, schema));
        expect(silent).to.deep.equal([]);
    });

    it("gives each variable a default, unless it is needed", () => {
        const { trainingVariables, servingVariables, statusVariables, retrainingVariables } = contract.$defs;
        for (const definition of [
            trainingVariables,
            servingVariables,
            statusVariables,
            retrainingVariables,
        ]) {
            const { properties, required = [] } = definition as {
                properties: Record<string, object>;
                required?: string[];
            };
            for (const [name, it] of Object.entries(properties)) {
                const hasDefault = "default" in it || "computedDefault" in it;
                expect(hasDefault, name).to.equal(!required.includes(name));
            }
        }
    });

    it("lets a reader look at some fields only", () => {
        const { sha256, filesSha256 } = fieldsOf("result", ["sha256", "filesSha256"]);
        expect([sha256.safeParse(SHA256).success, sha256.safeParse(undefined).success]).to.deep.equal([
            true,
            false,
        ]);
        expect(filesSha256.safeParse(undefined).success).to.equal(true);
    });

    it("takes the bounds of a stack's gate", () => {
        const classRecall = { floors: { classRecall: { anomaly: 0.6 } } };
        const any = { bounds: { rmse: { max: 3 } }, regression: { rmse: 1, recall: 0.1 }, mode: "warn" };
        for (const config of [
            ...[
                { environment: "dev", gate: classRecall },
                { environment: "dev", gate: any },
            ],
            { environment: "staging" },
        ]) {
            const { GATE, GATE_UNCOMPARED } = gateVariables(parseConfig(config));
            expect(checkOf("bounds").safeParse(JSON.parse(GATE!)).error?.issues ?? []).to.deep.equal([]);
            const { enum: words } = contract.$defs.trainingVariables.properties.GATE_UNCOMPARED;
            expect(words).to.include(GATE_UNCOMPARED);
        }
    });
});
