import { expect } from "chai";

import { type Answers, type Served } from "../../../../cli/trainer/checks/answering";
import { judgeStop } from "../../../../cli/trainer/checks/endings";
import { ignored, lock } from "../../../../cli/trainer/checks/files";
import { REGISTERED_CHECKS } from "../../../../cli/trainer/checks/registered";
import type { Registered } from "../../../../cli/trainer/checks/registering";
import { SERVED_CHECKS, serviceChecks } from "../../../../cli/trainer/checks/served";
import { judged } from "../../../../cli/trainer/lines";
import type { Ended } from "../../../../cli/trainer/programs";
import contract from "../../../../contract/trainer.schema.json";

const SHA = "a".repeat(64);
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const ended = (more: Partial<Ended> = {}): Ended => ({
    ...{ code: 0, signal: undefined, stdout: "", stderr: "", ms: 1000 },
    ...more,
});
const prints = (value: object): Ended => ended({ stdout: `${JSON.stringify(value)}\n` });

const RESULT = {
    ...{ version: "1", runId: "r", trainedAt: "2026-01-31T16:34:00.820Z", sha256: SHA, filesSha256: SHA },
    ...{ alias: "challenger", reproduced: false, metrics: { rmse: 2 }, dataSha256: "d" },
    gate: { passed: true, reasons: [] },
};
const TAGS = {
    model_sha256: SHA,
    data_sha256: "d",
    environment: "check",
    run_token: "check-first",
    gate: "none",
};
const TOLD = { git_commit: COMMIT, release: "check", image: "a:1", seed: "7", lock_sha256: SHA };

const REGISTERED: Registered = {
    hash: SHA,
    first: prints(RESULT),
    result: RESULT,
    version: { tags: { ...TAGS, ...TOLD }, stage: "None" },
    run: { status: "FINISHED", tags: { ...TAGS, "mlflow.note.content": "text" } },
    challenger: "1",
    champion: undefined,
    fence: "check-first",
    expectations: '{"requests": [{"path": "/predict", "body": 1, "answer": 1}]}',
    reference: "{}",
    again: prints({ ...RESULT, reproduced: true }),
    gated: {
        figure: "rmse",
        ended: prints({ ...RESULT, reproduced: true, gate: { passed: false, reasons: ["rmse"] } }),
        version: { tags: { ...TAGS, gate: "refused" }, stage: "None" },
    },
    fenced: { ended: ended({ code: 5 }), wasTaken: true },
};

/** A change of what a right trainer leaves, and the only line that is not ok then. */
const REGISTERED_FAULTS: readonly (readonly [Partial<Registered>, line: string, says: RegExp])[] = [
    [{ first: ended({ ...prints(RESULT), code: 1 }) }, "exit code 0", /exit code 1 \(defect\)/],
    [{ first: prints({ ...RESULT, sha256: "x" }) }, "one line of JSON", /\(result\): sha256/],
    [{ hash: "b".repeat(64) }, "the hash of the run without registering", /without registering it was bbb/],
    [
        { version: { tags: { ...TAGS, ...TOLD, environment: "" }, stage: "None" } },
        "needed tags of the version",
        /environment: got ;/,
    ],
    [{ version: { tags: TAGS, stage: "None" } }, "tags about the source", /git_commit, release/],
    [{ run: { status: "RUNNING", tags: REGISTERED.run!.tags } }, "the run is FINISHED", /RUNNING/],
    [{ champion: "1" }, "aliases and stage", /only the deployment moves this alias/],
    [{ challenger: undefined }, "aliases and stage", /challenger is version none/],
    [
        { version: { ...REGISTERED.version!, stage: "Production" } },
        "aliases and stage",
        /only the deployment sets it/,
    ],
    [{ fence: "other" }, "the experiment has the run's token", /run_token is other/],
    [{ expectations: undefined }, "expectations.json", /no artifact/],
    [{ expectations: "[]" }, "expectations.json", /./],
    [{ reference: undefined }, "drift_reference.json", /no drift/],
    [{ again: prints(RESULT) }, "a second run reproduces it", /reproduced is false/],
    [{ again: prints({ ...RESULT, version: "2" }) }, "a second run reproduces it", /version differ/],
    [
        { gated: { ...REGISTERED.gated!, ended: prints(RESULT) } },
        "the gate refuses by a bound",
        /it has passed: true/,
    ],
    [
        { gated: { ...REGISTERED.gated!, version: undefined } },
        "the gate refuses by a bound",
        /tag gate is undefined/,
    ],
    [
        { fenced: { ended: ended(), wasTaken: true } },
        "a later attempt ends it with 5",
        /exit code 0.*needs 5/,
    ],
    [
        { fenced: { ended: ended(), wasTaken: false } },
        "a later attempt ends it with 5",
        /before another attempt/,
    ],
];

const answer = (body: unknown = "", status = 200) => ({
    status,
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: new Headers({ "x-model-version": "1" }),
});
const METRICS = Object.entries(contract.$defs.metricNames.properties)
    .filter(([, { of }]) => of === "serving")
    .map(([name]) => `# TYPE ${name} gauge`);
const ANSWERS: Answers = {
    health: answer(),
    version: answer({ model_version: "1", model_sha256: SHA, commit: COMMIT }),
    sample: answer({}),
    sampled: answer({}),
    metrics: answer(METRICS.join("\n")),
    second: answer(),
    problems: [],
};
const NEEDED = contract.$defs.servingVariables.required.join(" ");
const SERVED: Served = {
    model: {
        mlflow: "http://a",
        version: "1",
        sha256: SHA,
        filesSha256: SHA,
        expectations: { requests: [] },
    },
    answers: ANSWERS,
    ended: ended(),
    ready: [200, 503],
    otherHash: ended({ code: 3 }),
    bare: ended({ code: 2, stderr: NEEDED }),
};
const SERVED_FAULTS: readonly (readonly [Partial<Served>, line: string, says: RegExp])[] = [
    [{ answers: { ...ANSWERS, health: undefined } }, "/health", /no answer; needs 200/],
    [{ answers: { ...ANSWERS, version: answer({ commit: COMMIT }) } }, "/version", /model_version/],
    [
        { answers: { ...ANSWERS, version: answer({ model_version: "1", model_sha256: SHA, commit: "x" }) } },
        "/version",
        /commit is not 0123/,
    ],
    [
        { answers: { ...ANSWERS, problems: ["/predict: class: got 1", "more"] } },
        "answers expectations.json",
        /^\/predict: class/,
    ],
    [{ answers: { ...ANSWERS, sampled: answer("", 422) } }, "/sample", /got 422/],
    [
        { answers: { ...ANSWERS, metrics: answer(METRICS.slice(1).join("\n")) } },
        "/metrics",
        /the alerts on \S+ stay silent/,
    ],
    [{ answers: { ...ANSWERS, second: undefined } }, "METRICS_PORT", /finds nothing/],
    [{ ready: [200, 200] }, "/ready is 503 before it ends", /gave 200; needs 503/],
    [{ ended: ended({ code: 143 }) }, "SIGTERM ends it with 0", /needs 0 after SIGTERM/],
    [{ ended: ended({ ms: 40_000 }) }, "SIGTERM ends it with 0", /took 40.0 s/],
    [{ otherHash: ended({ code: undefined }) }, "refuses a model of another hash", /it serves a model/],
    [{ otherHash: ended({ code: 1 }) }, "refuses a model of another hash", /needs 3 \(docs\/serving.md\)/],
    [
        { bare: ended({ code: 2, stderr: "MODEL_NAME" }) },
        "missing variables",
        /does not name MLFLOW_TRACKING_URI/,
    ],
];

const notOk = (part: ReturnType<typeof judged>) => part.lines.filter(({ mark }) => mark !== "ok");

describe("what a trainer leaves in the registry", () => {
    it("is ok as the contract has it", () => {
        expect(notOk(judged("", REGISTERED_CHECKS, REGISTERED))).to.deep.equal([]);
    });

    for (const [change, line, says] of REGISTERED_FAULTS) {
        it(`is not ok: ${line}, ${says.source}`, () => {
            const bad = notOk(judged("", REGISTERED_CHECKS, { ...REGISTERED, ...change })).filter(
                ({ what }) => what === line,
            );
            expect(bad).to.have.length(1);
            expect(bad[0]!.found).to.match(says);
        });
    }

    it("is not judged without a result, and that is no success", () => {
        const lines = notOk(judged("", REGISTERED_CHECKS, { ...REGISTERED, result: undefined }));
        expect(lines.map(({ mark }) => mark)).to.deep.equal(
            Array(REGISTERED_CHECKS.length - 2).fill("skipped"),
        );
    });
});

describe("what a served version answers", () => {
    it("is ok as the contract has it", () => {
        expect(notOk(judged("", SERVED_CHECKS, SERVED))).to.deep.equal([]);
    });

    for (const [change, line, says] of SERVED_FAULTS) {
        it(`is not ok: ${line}, ${says.source}`, () => {
            const bad = notOk(judged("", SERVED_CHECKS, { ...SERVED, ...change }));
            expect(bad.map(({ what }) => what)).to.deep.equal([line]);
            expect(bad[0]!.found).to.match(says);
        });
    }

    it("is not judged of one that takes no requests, whose output is shown", () => {
        const seen = { ...SERVED, answers: undefined, ended: ended({ code: 1, stderr: "Traceback" }) };
        const bad = notOk(judged("", SERVED_CHECKS, seen));
        expect(bad[0]).to.deep.include({ mark: "wrong", output: ["Traceback"] });
        expect(bad.slice(1).every(({ mark }) => mark === "skipped")).to.equal(true);
        const [health] = judged("", serviceChecks("status page"), {
            ...seen,
            health: undefined,
            metrics: undefined,
        }).lines;
        expect(health).to.deep.include({ mark: "wrong", output: ["Traceback"] });
    });

    it("ends by a handler of its own, not by the signal", () => {
        expect(judgeStop(ended({ code: 143, signal: "SIGTERM" }), 143, 10_000).mark).to.equal("wrong");
        expect(judgeStop(ended({ code: 143 }), 143, 10_000).mark).to.equal("ok");
    });
});

describe("the files of a trainer", () => {
    it("have a lock with a hash of each package", () => {
        const hash = `--hash=sha256:${"0".repeat(64)}`;
        expect(
            lock(`# a comment\na==1 \\\n    ${hash} \\\n    ${hash}\n    # via b\nb==2 ${hash}\n`),
        ).to.deep.include({
            mark: "ok",
            found: "2 packages, each with its hashes",
        });
        expect(lock(`a==1 \\\n    ${hash}\nb==2\n`))
            .to.deep.include({ mark: "wrong" })
            .and.property("found")
            .match(/^b==2 has no hash/);
        expect(lock(undefined).mark).to.equal("missing");
    });

    it("have nothing in the build context that tools write", () => {
        const files = [{ name: "churn/__pycache__/a.pyc", path: "" }];
        expect(ignored({ files, folder: "x" }).found).to.match(
            /churn\/__pycache__\/a.pyc is in the build context.*x\/.dockerignore/,
        );
    });
});
