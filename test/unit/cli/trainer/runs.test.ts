import { expect } from "chai";

import { fileChecks } from "../../../../cli/trainer/checks/files";
import {
    DEMO_CHECKS,
    hashOf,
    makeDemos,
    makeTrials,
    TRIAL_CHECKS,
} from "../../../../cli/trainer/checks/learning";
import { makeRefusals, refusalChecks } from "../../../../cli/trainer/checks/refusals";
import { REGISTERED_CHECKS } from "../../../../cli/trainer/checks/registered";
import { makeRegistered } from "../../../../cli/trainer/checks/registering";
import { localSender } from "../../../../cli/trainer/http";
import { isFault, judged } from "../../../../cli/trainer/lines";
import { Programs } from "../../../../cli/trainer/programs";
import { MLFLOW } from "../../../../components/registry/mlflow";
import { FakeMlflow } from "../../../support/fakeMlflow";
import { type Behaviour, onBench } from "../../../support/fakeTrainer";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** The lines that are not ok for each way to break the contract, with a part of what they say. */
const BROKEN: readonly (readonly [Behaviour, readonly (readonly [line: string, says: RegExp])[]])[] = [
    ["right", []],
    [
        "two lines",
        [
            ["one line of JSON", /^2 lines on standard output/],
            ["the same hash again", /the first run has no result/],
            ["the same hash with THREADS=1", /the first run has no result/],
        ],
    ],
    [
        "not deterministic",
        [
            [
                "the same hash again",
                /^a second run gave [0-9a-f]{12}, the first [0-9a-f]{12}\. Draw everything from SEED/,
            ],
            ["the same hash with THREADS=1", /^a run with THREADS=1 gave/],
        ],
    ],
    [
        "a defect for bad data",
        [["a DATA_DIR without data", /^exit code 1 \(defect\); needs 3 \(wrong data\)/]],
    ],
    ["no handler of SIGTERM", [["SIGTERM ends it with 143", /process 1.*Handle SIGTERM, and exit with 143/]]],
    [
        "one problem at a time",
        [
            [
                "missing variables",
                /does not name MLFLOW_EXPERIMENT_NAME, .*RUN_TOKEN; all problems are told at once/,
            ],
            ['HYPERPARAMETERS={"no_such_name_of_any_trainer":1}', /does not name HYPERPARAMETERS/],
            ["SEED=seven", /does not name SEED/],
            ['TRAINER_SETTINGS={"no_such_name_of_any_trainer":1}', /does not name TRAINER_SETTINGS/],
        ],
    ],
    [
        "stages out of order",
        [["lines of progress", /^reading comes after tuning; the order is reading, features/]],
    ],
    ["writes beside its source", [["writes only to its temporary folder", /^a run wrote app\/cache\.bin/]]],
];

describe("the check of a trainer that runs", function () {
    this.timeout("60s");
    let folder: string;
    temporaryFolder((it) => (folder = it));

    for (const [behaviour, expected] of BROKEN) {
        it(`finds ${expected.length === 0 ? "no fault" : "the fault"} of one with: ${behaviour}`, async () => {
            const parts = await onBench(folder, behaviour, async (bench) => [
                judged("", fileChecks(false), { source: bench.source }),
                judged("", DEMO_CHECKS, await makeDemos(bench)),
                judged("", TRIAL_CHECKS, await makeTrials(bench)),
                judged("", refusalChecks(true), await makeRefusals(bench)),
            ]);
            const bad = parts.flatMap(({ lines }) => lines).filter(isFault);
            expect(bad.map(({ what }) => what)).to.deep.equal(expected.map(([what]) => what));
            expected.forEach(([, says], at) => expect(bad[at]!.found).to.match(says));
        });
    }

    for (const behaviour of ["right", "reads no fence"] as const) {
        it(`looks at what a run registers: ${behaviour}`, async () => {
            const mlflow = new FakeMlflow();
            try {
                const address = await mlflow.start();
                const registry = { address, http: localSender({ [MLFLOW]: address }) };
                const seen = await onBench(folder, behaviour, async (bench) => {
                    await makeDemos(bench);
                    return makeRegistered(bench, registry, hashOf(await bench.trial()));
                });
                const bad = judged("", REGISTERED_CHECKS, seen).lines.filter(isFault);
                expect(bad.map(({ what }) => what)).to.deep.equal(
                    behaviour === "right" ? [] : ["a later attempt ends it with 5"],
                );
            } finally {
                mlflow.stop();
            }
        });
    }

    it("kills a run whose time is up, and the programs that it started", async () => {
        const programs = new Programs();
        const place = { folder, variables: { PATH: "/usr/bin:/bin" }, limitMs: 300 };
        const ended = await programs.start(["sh", "-c", "echo begun; sleep 60 & wait"], place).ended;
        expect(ended).to.deep.include({ code: undefined, stdout: "begun\n" });
        // The child of the shell held the shell's output open until it ended too.
        expect(ended.ms).to.be.below(10_000);
    });
});
