import { expect } from "chai";

import { logLines } from "../../../../components/service/oneShot";
import { parseResult, PASSED } from "../../../../components/training/trainingResult";
import { progressText } from "../../../../engine/tasks/training";

const result = {
    version: "3",
    runId: "abc",
    sha256: "0".repeat(64),
    alias: "champion",
    reproduced: false,
    metrics: { macroF1: 0.9, perClass: { normal: { f1: 0.9 } } },
    dataSha256: "1",
    trainedAt: "2026-01-01T00:00:00Z",
};

describe("a trainer's output", () => {
    it("ends with its result", () => {
        expect(parseResult(`12:00 INFO done\n${JSON.stringify(result)}\n`)).to.deep.include({ version: "3" });
    });

    it("gives the result even when a library wrote after it", () => {
        expect(parseResult(`${JSON.stringify(result)}\nwarning: leaked semaphore\n`)?.version).to.equal("3");
    });

    it("tells the hash of the version's files, where the trainer knows it", () => {
        expect(parseResult(JSON.stringify(result))?.filesSha256).to.equal(undefined);
        const filesSha256 = "1".repeat(64);
        expect(parseResult(JSON.stringify({ ...result, filesSha256 }))?.filesSha256).to.equal(filesSha256);
    });

    it("is read as leniently as an earlier release read it", () => {
        // Results of earlier trainers are in the state of stacks.
        const odd = { tuning: "none", experimentId: 1, alias: "candidate", more: null };
        const metrics = { macroF1: null, accuracy: 0.9, logLoss: "low" };
        const gate = { passed: true, reasons: [], champion: "2", more: 1 };
        const read = parseResult(JSON.stringify({ ...result, ...odd, metrics, gate }));
        expect(read).to.deep.include({ ...odd, metrics: { accuracy: 0.9 } });
        expect(read?.gate).to.deep.equal({ passed: true, reasons: [], compared: true, note: "" });
        expect(parseResult(JSON.stringify(result))?.gate).to.deep.equal(PASSED);
    });

    const none: [string, string | undefined][] = [
        ["nothing", undefined],
        ["an empty log", ""],
        ["a log without JSON", "done\n"],
        ["JSON that is no result", '{"version": "3"}\n'],
        ["a number for the version", JSON.stringify({ ...result, version: 3 })],
        ["a hash that is none", JSON.stringify({ ...result, sha256: "abc" })],
        ["a files' hash that is none", JSON.stringify({ ...result, filesSha256: "../x" })],
        ["a gate that does not say why", JSON.stringify({ ...result, gate: { passed: false } })],
        ["a cut result", JSON.stringify(result).slice(0, -5)],
    ];
    for (const [what, log] of none) {
        it(`has no result in ${what}`, () => expect(parseResult(log)).to.equal(undefined));
    }

    it("tells its progress in lines of its own", () => {
        expect(
            progressText('progress {"stage": "tuning", "done": 3, "total": 20, "note": "f1 0.9"}'),
        ).to.equal("tuning 3 of 20 (f1 0.9)");
        expect(progressText('progress {"stage": "reading"}')).to.equal("reading");
        expect(progressText("progress {cut")).to.equal(undefined);
        expect(progressText("12:00 INFO reading")).to.equal(undefined);
    });

    it("is shown without progress and blank lines", () => {
        expect(logLines("a\n\nprogress {}\nb\n")).to.deep.equal(["a", "b"]);
    });
});
