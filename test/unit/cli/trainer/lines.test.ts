import { expect } from "chai";

import { REGISTERED_CHECKS } from "../../../../cli/trainer/checks/registered";
import { DEMO_CHECKS, TRIAL_CHECKS } from "../../../../cli/trainer/checks/learning";
import { fileChecks } from "../../../../cli/trainer/checks/files";
import { refusalChecks } from "../../../../cli/trainer/checks/refusals";
import { SERVED_CHECKS, serviceChecks } from "../../../../cli/trainer/checks/served";
import {
    closing,
    judged,
    missing,
    ok,
    partText,
    passes,
    skipped,
    wrong,
} from "../../../../cli/trainer/lines";
import { readDocument, sectionOf } from "../../../support/pages/documents";

const CHECKS = [
    ...fileChecks(false),
    ...DEMO_CHECKS,
    ...TRIAL_CHECKS,
    ...refusalChecks(true),
    ...REGISTERED_CHECKS,
    ...SERVED_CHECKS,
    ...serviceChecks("status page"),
    ...serviceChecks("retraining"),
];

const of = (verdict: ReturnType<typeof ok>, optional = false) =>
    judged(
        "Part",
        [{ what: "thing", section: "The image", ...(optional ? { optional } : {}), judge: () => verdict }],
        0,
    );

describe("the report on a trainer", () => {
    it("names headings of the contract's page", () => {
        const page = readDocument("docs/trainer-contract.md");
        expect(CHECKS).to.have.length.above(50);
        for (const section of new Set(CHECKS.map((check) => check.section))) {
            expect(sectionOf(page, section), section).to.not.equal("");
        }
    });

    it("passes only if all that is needed is ok, and nothing is wrong", () => {
        expect(passes([of(ok())])).to.equal(true);
        for (const bad of [wrong("a"), missing("a"), skipped("a")]) {
            expect(passes([of(ok()), of(bad)]), bad.mark).to.equal(false);
        }
        expect(passes([of(missing("a"), true), of(skipped("a"), true)])).to.equal(true);
        expect(passes([of(wrong("a"), true)])).to.equal(false);
    });

    it("has the fault and the output below a line, and the same output once", () => {
        const check = (what: string) => ({
            what,
            section: "Serving",
            judge: () => wrong(`${what}: fault`, "one\n\ntwo\n"),
        });
        const part = judged("Serving", [check("a"), { ...check("b"), optional: true as const }], 0);
        expect(partText(part).split("\n")).to.deep.equal([
            "Serving",
            "  wrong    a             [Serving]",
            "           a: fault",
            "             | one",
            "             | two",
            "  wrong    b (optional)  [Serving]",
            "           b: fault",
            "           the same output as above",
        ]);
        expect(closing([part])).to.match(/^0 ok, 2 wrong, 0 missing, 0 skipped: it does not pass/);
    });

    it("shows the last lines of a long output", () => {
        const long = Array.from({ length: 40 }, (_, at) => `line ${at}`).join("\n");
        expect(wrong("a", long).output).to.have.length(15).and.include("line 39");
        const [line] = wrong("a", `\u001b[2J${"x".repeat(1000)}`).output!;
        expect(line)
            .to.match(/^\\u\{1b\}\[2Jx+ \.\.\.$/)
            .and.have.length.below(260);
    });
});
