import { expect } from "chai";

import { parseConfig } from "../../../config/parse";
import { checkPromotion } from "../../../releases/promotions";
import { isRollback, reasonFor, ReleaseRecord, releaseRecords, withRelease } from "../../../releases/records";
import type { Release } from "../../../releases/release";
import { recordOf } from "../../support/commands/records";

const A = "a".repeat(40);
const B = "b".repeat(40);

const record = (more: Partial<ReleaseRecord> = {}): ReleaseRecord =>
    recordOf(A, { ref: "v1", image: "trainer:1", recipe: "x", ...more });
const a = record();
const b = record({ commit: B, image: "trainer:2", version: "2", at: "2026-01-03T00:00:00Z", by: "bob" });
const release = (commit: string, more: Partial<Release> = {}): Release => ({
    commit,
    ref: "v2",
    dirty: false,
    trainer: "trainer",
    ...more,
});

describe("releases", () => {
    describe("the records", () => {
        it("begin with the newest, and end with the tenth", () => {
            expect(withRelease([a], b)).to.deep.equal([b, a]);
            const many = Array.from({ length: 10 }, (_, index) => record({ version: String(10 - index) }));
            const [first, ...others] = withRelease(many, record({ version: "11" }));
            expect(first!.version).to.equal("11");
            expect(others).to.deep.equal(many.slice(0, 9));
        });

        it("keep when, by whom and why the same release was first validated", () => {
            const again = record({ serving: "h2@1@8001", at: "2027-01-01T00:00:00Z", by: "eve", why: "?" });
            expect(withRelease([a, b], again)).to.deep.equal([{ ...a, serving: "h2@1@8001" }, b]);
        });

        it("are none where a stack has no such output, and refused where they are another program's", () => {
            expect(releaseRecords("prod", undefined)).to.deep.equal([]);
            expect(releaseRecords("prod", [a])).to.deep.equal([a]);
            expect(() => releaseRecords("prod", [{ commit: A }])).to.throw(
                /^stack prod: its output releases is not what this version of the program writes \(0\.ref/,
            );
        });

        it("keep the metrics that are one number", () => {
            const full = { ...a, metrics: { macroF1: 0.9, perClass: { anomaly: { recall: 1 } } } };
            expect(releaseRecords("prod", [full])).to.deep.equal([a]);
        });
    });

    describe("a rollback", () => {
        it("is to what was served before what serves, the same code of the same commit", () => {
            expect(isRollback([b, a], release(A), "trainer:1")).to.equal(true);
            expect(isRollback([a, b, a], release(A), "trainer:1"), "what serves").to.equal(false);
            expect(isRollback([b, a], release(A), "trainer:9"), "other code").to.equal(false);
            expect(isRollback([b], release(A), "trainer:1"), "never served").to.equal(false);
            expect(isRollback([], release(A), "trainer:1")).to.equal(false);
        });
    });

    describe("the reason", () => {
        const config = (promoteFrom?: string) => ({ ...parseConfig({ environment: "dev" }), promoteFrom });
        const reasons: [string, string, ReleaseRecord[], Release, string][] = [
            ["the first one", "promotion from staging", [], release(A), "trainer:1"],
            ["the one that serves", "trained anew", [a], release(A), "trainer:1"],
            ["one before", "rollback to v2", [b, a], release(A), "trainer:1"],
            ["a new one", "promotion from staging", [a], release(B), "trainer:2"],
        ];
        for (const [what, reason, records, it_, image] of reasons) {
            it(`for ${what} is: ${reason}`, () => {
                expect(reasonFor(config("staging"), records, it_, image)).to.equal(reason);
            });
        }
        it("where no stack was asked for is: release", () => {
            expect(reasonFor(config(), [], release(A), "trainer:1")).to.equal("first release");
            expect(reasonFor(config(), [a], release(B), "trainer:2")).to.equal("release of v2");
        });
    });

    describe("a promotion", () => {
        const check = (
            own: ReleaseRecord[],
            theirs: ReleaseRecord[] | undefined,
            { commit = B, preview = false, from = "staging", repository = "trainer" } = {},
        ) => checkPromotion("prod", from, { ...release(commit), repository }, own, theirs, preview);

        it("takes what the stack before validated, and what this stack served itself", () => {
            expect(check([], [b, a])).to.equal(undefined);
            expect(check([b], [])).to.equal(undefined);
            expect(check([b], undefined)).to.equal(undefined);
        });

        it("refuses another commit, says what there is, and how to validate it", () => {
            expect(() => check([], [a], { preview: true })).to.throw(
                `release: v2 (${B.slice(0, 12)}) was not validated in staging, which promoteFrom names; ` +
                    `validate it there first: pulumi config set release ${B} --stack staging && pulumi up --stack staging\n` +
                    "  staging has validated:\n" +
                    `    ${A.slice(0, 12)} (v1) at 2026-01-02T00:00:00Z, macro F1 0.900`,
            );
        });

        it("refuses what was validated with uncommitted changes", () => {
            expect(() => check([], [{ ...b, dirty: true }])).to.throw("staging has validated nothing yet");
        });

        it("refuses another trainer of a commit that was validated", () => {
            const says =
                `trainer.path: it makes the image other; what was validated of ${B.slice(0, 12)} ` +
                "is trainer, another trainer. Set trainer.path as it was then";
            expect(() => check([], [b, a], { repository: "other" })).to.throw(says);
            expect(() => check([b], [], { repository: "other" })).to.throw(says);
            const both = [record({ commit: B, image: "other:1" }), b];
            expect(check([], both, { repository: "other" })).to.equal(undefined);
        });

        it("is warned of in a preview, and refused in an update, while there is no such stack", () => {
            expect(check([], undefined, { preview: true })).to.match(/there is no stack staging yet/);
            expect(() => check([], undefined)).to.throw("was not validated in staging");
        });

        it("refuses to ask itself", () => {
            expect(() => check([], [], { from: "prod" })).to.throw(
                "promoteFrom: got prod, which is this stack",
            );
        });
    });
});
