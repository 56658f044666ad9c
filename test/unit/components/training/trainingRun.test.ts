import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import type { TrainingResult } from "../../../../components/training/trainingResult";
import { parseConfig } from "../../../../config/parse";
import type { ReleaseRecord } from "../../../../releases/records";
import { deployment, recordedState } from "../../../support/program/recording";

const SERVING: ReleaseRecord = {
    ...{ commit: "abc", ref: "v1", dirty: false, image: "trainer:1", version: "2", sha256: "5".repeat(64) },
    ...{ runId: "r", dataSha256: "d", trainedAt: "t", metrics: {}, recipe: "", serving: "s" },
    ...{ at: "", by: "", why: "" },
};
const RESULT = {
    ...{ version: "3", alias: "challenger", runId: "r", sha256: "6".repeat(64), reproduced: false },
    ...{ metrics: {}, dataSha256: "d", trainedAt: "t" },
};
const NOTE = "the champion (version 2) cannot be scored: it lost its files";
const UNCOMPARED = { passed: true, reasons: [], compared: false, note: NOTE };

describe("TrainingRun", () => {
    let log = "";
    before(() =>
        pulumi.runtime.setMocks(
            {
                newResource: (args) => {
                    const { id, state } = recordedState(args);
                    return { id, state: { ...state, exitCode: 0, containerLogs: log } };
                },
                call: ({ token }) => {
                    throw new Error(`unexpected call of ${token}`);
                },
            },
            "seismic-mlops",
            "dev",
            true,
        ),
    );

    /** The outcome of a run with this output, in a stack that serves version 2. */
    const train = async (
        uncompared: string,
        printed: object,
        serving: ReleaseRecord | undefined = SERVING,
        gated = true,
        mode: string | undefined = undefined,
    ): Promise<TrainingResult> => {
        log = JSON.stringify({ ...RESULT, ...printed });
        const { TrainingRun } = await import("../../../../components/training/trainingRun");
        const { SourceImage } = await import("../../../../components/image/sourceImage");
        const { SurveyData } = await import("../../../../components/data/surveyData");
        const config = parseConfig({
            environment: "staging",
            gate: { uncompared, ...(mode === undefined ? {} : { mode }) },
        });
        const image = new SourceImage("trainer", { context: "images/gateway", repository: "trainer" });
        const { result } = new TrainingRun("training", {
            deployment,
            ingredients: {
                config,
                release: { ref: "v1", commit: "abc", dirty: false, trainer: "trainer" },
                image: "trainer:1",
                fingerprint: "x",
            },
            plan: { kind: "run", token: "t", trigger: "t", remakes: false, lineage: {}, gated },
            network: "net-id",
            image,
            survey: new SurveyData("survey", {
                deployment,
                source: { source: "folder", path: "." },
                trainer: config.trainer,
                image: image.reference,
                releases: [],
            }),
            trackingUri: "http://mlflow:5000",
            serving,
        });
        return (result as unknown as { promise(): Promise<TrainingResult> }).promise();
    };
    const refusal = (...args: Parameters<typeof train>) =>
        train(...args).then(
            () => "passed",
            (error: Error) => error.message,
        );

    /** What the program warns of. */
    const warningsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
        const { warn } = console;
        const said: string[] = [];
        console.warn = (text: string) => said.push(text.replace("warning: [runtime] ", ""));
        try {
            await work();
        } finally {
            console.warn = warn;
        }
        return said;
    };

    it("takes no candidate that was not compared with what serves, where the gate is to refuse it", async () => {
        const said = await refusal("refuse", { gate: UNCOMPARED });
        expect(said).to.include("the gate refused SeismicClassifier version 3");
        expect(said).to.include(`${NOTE}; allow it by gate.uncompared: floors`);
    });

    const taken: [string, Parameters<typeof train>][] = [
        ["where the floors may judge alone", ["floors", { gate: UNCOMPARED }]],
        ["that was compared", ["refuse", { gate: { ...UNCOMPARED, compared: true, note: "" } }]],
        ["that is what serves", ["refuse", { gate: UNCOMPARED, sha256: SERVING.sha256 }]],
        ["of an earlier release that comes back", ["refuse", { gate: UNCOMPARED }, SERVING, false]],
        ["of a trainer that judges nothing", ["refuse", {}]],
        [
            "that was not compared, where the gate only warns",
            ["refuse", { gate: UNCOMPARED }, SERVING, true, "warn"],
        ],
    ];
    for (const [what, args] of taken) {
        it(`takes a candidate ${what}`, async () => {
            expect(await train(...args)).to.include({ version: "3" });
        });
    }

    it("takes a candidate of which the gate warns, with each reason as a warning", async () => {
        const reasons = ["rmse 3.000 is above the bound 2.000", "macro F1 0.500 is below the floor 0.700"];
        const gate = { passed: true, compared: true, reasons, note: "" };
        const warnings = await warningsOf(() => train("refuse", { gate }, SERVING, true, "warn"));
        expect(warnings).to.deep.equal(reasons.map((it) => `the gate warns of version 3: ${it}`));
        expect(await warningsOf(() => train("refuse", { gate: { ...gate, reasons: [] } }))).to.deep.equal([]);
    });

    it("takes a candidate whose loss may be chance, with the note as a warning", async () => {
        const note =
            "macro F1 0.900 is 0.030 below the 0.930 of the champion (version 2), but this may be chance";
        const gate = { passed: true, compared: true, reasons: [], note };
        const warnings = await warningsOf(() => train("refuse", { gate }));
        expect(warnings).to.deep.equal([`the gate notes of version 3: ${note}`]);
    });

    it("takes no candidate that its trainer refuses, whatever the mode", async () => {
        const gate = { passed: false, compared: true, reasons: ["too bad"], note: "" };
        expect(await refusal("refuse", { gate }, SERVING, true, "warn")).to.include("  too bad\n");
    });

    it("hands on the hash of the version's files", async () => {
        const filesSha256 = "7".repeat(64);
        expect(await train("floors", { filesSha256 })).to.include({ filesSha256 });
    });
});
