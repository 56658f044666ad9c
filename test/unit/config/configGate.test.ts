import { expect } from "chai";

import { gateVariables } from "../../../components/training/trainingPlan";
import { directionOf } from "../../../config/gate/directions";
import { parseConfig } from "../../../config/parse";
import { problems } from "../../support/program/problemsOfConfig";

const config = (gate: object, environment = "dev") => parseConfig({ environment, gate });
/** Today's bounds of dev, as every trainer takes them. */
const BARE = '{"floors":{},"regression":{"macroF1":0.02,"accuracy":0.02,"recall":0.05}}';

describe("a gate on any figure", () => {
    const same: [string, object][] = [
        ["nothing is given", {}],
        ["the mode is the usual one", { mode: "block" }],
        ["the last bound was taken away", { bounds: {} }],
    ];
    for (const [where, gate] of same) {
        it(`tells trainers the same bytes as ever, and is no reason to train again, where ${where}`, () => {
            const parsed = config(gate);
            expect(gateVariables(parsed)).to.deep.equal({ GATE: BARE, GATE_UNCOMPARED: "floors" });
            expect(JSON.stringify(parsed.gate)).to.equal(BARE.replace("{", '{"uncompared":"floors",'));
        });
    }

    it("tells which floors are the environment's own, and the same bounds as ever beside them", () => {
        const floors = { macroF1: 0.7, accuracy: 0.7, recall: 0.5 };
        const told = (given: object) => gateVariables(config({ floors: given }, "staging"));
        expect(told({})).to.include({
            GATE: JSON.stringify({ ...JSON.parse(BARE), floors }),
            GATE_DEFAULT_FLOORS: "macroF1,accuracy,recall",
        });
        // The stack's own floor counts as its own where it repeats the environment's, and with 0 too.
        expect(told({ macroF1: 0.7 }).GATE_DEFAULT_FLOORS).to.equal("accuracy,recall");
        expect(told({ accuracy: 0 }).GATE_DEFAULT_FLOORS).to.equal("macroF1,recall");
        expect(told(floors)).not.to.have.property("GATE_DEFAULT_FLOORS");
    });

    it("tells bounds, a mode, and the direction of each figure that has none as a number", () => {
        const { GATE } = gateVariables(
            config({
                bounds: { rmse: { max: "3.5" }, "recall.anomaly": { min: 0.8 }, bias: { min: -1, max: 1 } },
                regression: { recall: 0.1, rmse: 0.2, "f1.anomaly": "0", ours: { by: "2", better: "lower" } },
                mode: "warn",
            }),
        );
        expect(JSON.parse(GATE!)).to.deep.equal({
            floors: {},
            regression: {
                ...{ macroF1: 0.02, accuracy: 0.02, recall: 0.1 },
                rmse: { by: 0.2, better: "lower" },
                "f1.anomaly": { by: 0, better: "higher" },
                ours: { by: 2, better: "lower" },
            },
            bounds: { rmse: { max: 3.5 }, "recall.anomaly": { min: 0.8 }, bias: { min: -1, max: 1 } },
            mode: "warn",
        });
    });

    const directions: [string, string | undefined][] = [
        ...(["macroF1", "accuracy", "recall", "recall.anomaly", "precision.a.b", "r2"] as const).map(
            (name): [string, string] => [name, "higher"],
        ),
        ...(["logLoss", "rmse", "gap.macroF1", "modelBytes"] as const).map((name): [string, string] => [
            name,
            "lower",
        ]),
        ...[["ours", undefined] as [string, undefined], ["recalls", undefined] as [string, undefined]],
    ];
    for (const [figure, better] of directions) {
        it(`knows which values of ${figure} are better: ${better ?? "only its trainer does"}`, () => {
            expect(directionOf(figure)).to.equal(better);
        });
    }

    const refused: [string, object, string][] = [
        [
            "a bound without a number",
            { bounds: { rmse: {} } },
            "gate.bounds.rmse: got {}; needs min, max or both",
        ],
        [
            "a bound that nothing can meet",
            { bounds: { rmse: { min: 3, max: 2 } } },
            'gate.bounds.rmse: got {"min":3,"max":2}; needs a min that does not exceed its max',
        ],
        [
            "a bound as a number",
            { bounds: { rmse: 3 } },
            "gate.bounds.rmse: got 3; needs keys with values below it",
        ],
        [
            "a figure written as two keys",
            { bounds: { recall: { anomaly: { min: 0.8 } } } },
            "gate.bounds.recall.anomaly: no such key; known here: min, max",
        ],
        [
            "a figure without a name",
            { bounds: { " ": { min: 0.8 } } },
            "gate.bounds. : needs the name of a figure, such as macroF1 or recall.anomaly",
        ],
        [
            "a number for a figure of unknown direction",
            { regression: { ours: 0.1 } },
            "gate.regression.ours: got 0.1; needs by and better, for only its trainer knows which values of " +
                "ours are better: { by: 0.1, better: lower }",
        ],
    ];
    for (const [what, gate, says] of refused) {
        it(`refuses ${what}`, () => {
            expect(problems({ gate })).to.include(says);
        });
    }
});
