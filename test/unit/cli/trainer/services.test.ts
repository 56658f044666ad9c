import { expect } from "chai";

import { makeServed, makeService, type Model, type Served } from "../../../../cli/trainer/checks/answering";
import { SERVED_CHECKS, serviceChecks } from "../../../../cli/trainer/checks/served";
import { judged } from "../../../../cli/trainer/lines";
import { onBench } from "../../../support/fakeTrainer";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** The fake's answer, and one that it does not give. */
const expects = (share: number) => ({
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

    const faults = (seen: Served) =>
        judged("", SERVED_CHECKS, seen).lines.filter(({ mark, needed }) => mark !== "ok" && needed);

    it("finds no fault of a right one", async () => {
        const seen = await onBench(folder, "right", (bench) => makeServed(bench, MODEL));
        expect(faults(seen)).to.deep.equal([]);
        expect(seen.ready).to.include(503);
        expect(seen.answers!.second!.body).to.include("fake_metric 1");
    });

    it("finds an answer that is not the stored one", async () => {
        const seen = await onBench(folder, "right", (bench) =>
            makeServed(bench, { ...MODEL, expectations: expects(0.5) }),
        );
        const [fault, ...others] = faults(seen);
        expect(others).to.deep.equal([]);
        expect(fault!.found).to.equal("/predict: probabilities.a: got 0.75; expected 0.5");
    });

    it("finds one that serves a model of another hash", async () => {
        const seen = await onBench(folder, "takes any hash", (bench) => makeServed(bench, MODEL, 2_000));
        expect(faults(seen).map(({ what }) => what)).to.deep.equal(["refuses a model of another hash"]);
    });

    it("finds one that does not tell the gateway that it ends", async () => {
        const seen = await onBench(folder, "stops at once", (bench) => makeServed(bench, MODEL));
        expect(faults(seen).map(({ what }) => what)).to.deep.equal(["/ready is 503 before it ends"]);
    });

    it("tells of one that ends at a prediction", async () => {
        const seen = await onBench(folder, "ends at a prediction", (bench) => makeServed(bench, MODEL));
        const { lines } = judged("", SERVED_CHECKS, seen);
        const found = (line: string) => lines.find(({ what }) => what === line)!;
        expect(found("/sample")).to.include({ mark: "wrong", found: "POST /predict of it: got no answer" });
        expect(found("answers expectations.json").mark).to.equal("wrong");
        expect(found("SIGTERM ends it with 0").found).to.match(/^exit code 1 \(defect\)/);
    });

    it("waits for the metrics of a status page, and finds what it lacks", async () => {
        const seen = await onBench(folder, "right", (bench) =>
            makeService(bench, "status", {}, ["fake_metric"]),
        );
        const [health, metrics, end] = judged("", serviceChecks("status page"), seen).lines;
        expect([health!.mark, end!.mark]).to.deep.equal(["ok", "ok"]);
        expect(metrics!.found).to.match(/^the alerts on \S+.* stay silent$/);
    });

    it("tells why a service does not start", async () => {
        const seen = await onBench(folder, "right", (bench) => makeService(bench, "retraining", {}, []));
        const [health] = judged("", serviceChecks("retraining"), seen).lines;
        expect(health!.mark).to.equal("wrong");
        expect(health!.output!.join("\n")).to.include("is not a function");
    });
});
