import { expect } from "chai";

import { Bench } from "../../../../cli/trainer/bench";
import { makeServed, makeService, type Model, type Served } from "../../../../cli/trainer/checks/answering";
import { SERVED_CHECKS, serviceChecks } from "../../../../cli/trainer/checks/served";
import { judged } from "../../../../cli/trainer/lines";
import { Programs } from "../../../../cli/trainer/programs";
import { readSource } from "../../../../cli/trainer/source";
import { type Behaviour, writeFakeTrainer } from "../../../support/fakeTrainer";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** The fake's answer, and one that it does not give. */
const expects = (share: number) =>
    JSON.stringify({
        requests: [{ path: "/predict", body: {}, answer: { class: "a", probabilities: { a: share } } }],
    });
const MODEL: Model = {
    ...{ mlflow: "http://127.0.0.1:9", version: "3", sha256: "a".repeat(64), filesSha256: undefined },
    expectations: expects(0.75),
};

describe("the check of a trainer's services", function () {
    this.timeout("60s");
    let folder: string;
    temporaryFolder((it) => (folder = it));

    async function onBench<T>(behaviour: Behaviour, work: (bench: Bench) => Promise<T>): Promise<T> {
        const { trainer, venv } = writeFakeTrainer(folder, behaviour);
        const programs = new Programs();
        const bench = new Bench(readSource(trainer, undefined), programs, venv, 20_000, undefined);
        try {
            return await work(bench);
        } finally {
            programs.end();
            bench.remove();
        }
    }
    const faults = (seen: Served) =>
        judged("", SERVED_CHECKS, seen).lines.filter(({ mark, needed }) => mark !== "ok" && needed);

    it("finds no fault of a right one", async () => {
        const seen = await onBench("right", (bench) => makeServed(bench, MODEL));
        expect(faults(seen)).to.deep.equal([]);
        expect(seen.ready).to.include(503);
        expect(seen.answers!.second!.body).to.include("fake_metric 1");
    });

    it("finds an answer that is not the stored one", async () => {
        const seen = await onBench("right", (bench) => makeServed(bench, { ...MODEL, expectations: expects(0.5) }));
        const [fault, ...others] = faults(seen);
        expect(others).to.deep.equal([]);
        expect(fault!.found).to.equal("/predict: probabilities.a: got 0.75; expected 0.5");
    });

    it("finds one that serves a model of another hash", async () => {
        const seen = await onBench("takes any hash", (bench) => makeServed(bench, MODEL, 2_000));
        expect(faults(seen).map(({ what }) => what)).to.deep.equal(["refuses a model of another hash"]);
    });

    it("finds one that does not tell the gateway that it ends", async () => {
        const seen = await onBench("stops at once", (bench) => makeServed(bench, MODEL));
        expect(faults(seen).map(({ what }) => what)).to.deep.equal(["/ready is 503 before it ends"]);
    });

    it("waits for the metrics of a status page, and finds what it lacks", async () => {
        const seen = await onBench("right", (bench) => makeService(bench, "status", {}, ["fake_metric"]));
        const [health, metrics, end] = judged("", serviceChecks("status page"), seen).lines;
        expect([health!.mark, end!.mark]).to.deep.equal(["ok", "ok"]);
        expect(metrics!.found).to.match(/^the alerts on \S+.* stay silent$/);
    });

    it("tells why a service does not start", async () => {
        const seen = await onBench("right", (bench) => makeService(bench, "retraining", {}, []));
        const [health] = judged("", serviceChecks("retraining"), seen).lines;
        expect(health!.mark).to.equal("wrong");
        expect(health!.output!.join("\n")).to.include("is not a function");
    });
});
