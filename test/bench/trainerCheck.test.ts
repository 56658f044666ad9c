import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../cli/local/paths";
import { run } from "../../cli/local/processes";
import type { Part } from "../../cli/trainer/lines";

const EXAMPLE = join(CHECKOUT, "examples", "tabular");
/** A trainer with every module has all of them. */
const PARTS = [
    ...["Files", "Environment", "Demo data", "Training, without registering", "Refusals", "MLflow"],
    ...["Registering", "Serving", "Status page", "Retraining"],
];

/** Fits a model whose probabilities are no numbers. */
const BROKEN = `class Broken(LogisticRegression):
    def fit(self, x, y):
        super().fit(x, y)
        self.coef_ = self.coef_ * float("nan")
        return self


def steps(`;

interface Report {
    code: number;
    ok: boolean;
    parts: Part[];
}

/**
 * By night only, because it installs the packages of two locks from the Python package index, and takes minutes. It needs
 * a Python 3.13 on PATH. What is installed stays in the cache, as for a person.
 */
describe("trainer check with a real Python and a real MLflow", () => {
    let folder: string;
    let temporary: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "seismic-trainer-check-"));
        temporary = join(folder, "tmp");
        mkdirSync(temporary);
    });
    after(() => rmSync(folder, { recursive: true }));

    const check = async (trainer: string): Promise<Report> => {
        const command = ["--require", "./runtime/strip.cjs", "cli/mlops.ts", "trainer", "check", trainer];
        const { code, stdout, tail } = await run(process.execPath, [...command, "--json"], {
            cwd: CHECKOUT,
            env: { ...process.env, TMPDIR: temporary },
        });
        expect(stdout, tail).to.match(/^\{/);
        return { code, ...(JSON.parse(stdout) as Omit<Report, "code">) };
    };
    /** Each line with this mark: its part, what was looked at, and what was found. */
    const linesOf = ({ parts }: Report, mark: string) =>
        parts.flatMap(({ title, lines }) =>
            lines.filter((line) => line.mark === mark).map(({ what, found }) => [title, what, found]),
        );

    it("finds no fault of the example, not even in what is optional, and leaves nothing", async () => {
        const report = await check(EXAMPLE);
        for (const mark of ["wrong", "missing", "skipped"]) {
            expect(linesOf(report, mark), mark).to.deep.equal([]);
        }
        expect(report).to.include({ code: 0, ok: true });
        expect(report.parts.map(({ title }) => title)).to.deep.equal(PARTS);
        expect(readdirSync(temporary)).to.deep.equal([]);
    });

    it("finds that a learner gives no numbers, tells so in the line of the training, and leaves nothing", async () => {
        const trainer = join(folder, "tabular");
        cpSync(EXAMPLE, trainer, { recursive: true });
        const learning = join(trainer, "tabular", "learning.py");
        const right = readFileSync(learning, "utf8");
        const broken = right.replace("LogisticRegression(C=", "Broken(C=").replace("def steps(", BROKEN);
        expect(broken)
            .to.match(/= Broken\(C=/)
            .and.include(BROKEN);
        writeFileSync(learning, broken);

        const report = await check(trainer);
        const found = "exit code 1 (defect); needs 0 (done) after a success";
        expect(linesOf(report, "wrong")).to.deep.equal([
            ["Training, without registering", "exit code 0", found],
            ["Registering", "exit code 0", found],
        ]);
        const [line] = report.parts[3]!.lines;
        expect(line!.output!.at(-1)).to.match(/predictions: \d+ of \d+ values are NaN or infinite/);
        expect(linesOf(report, "missing")).to.deep.equal([]);
        expect(report).to.include({ code: 1, ok: false });
        expect(readdirSync(temporary)).to.deep.equal([]);
    });
});
