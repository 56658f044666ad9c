import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { mistake } from "../../../../common/mistake";
import { ask } from "../../../../cli/doctor/ask";
import { room } from "../../../../cli/doctor/disk";
import { examined, failed, note, ok, type Finding } from "../../../../cli/doctor/finding";
import { screen } from "../../../../cli/doctor/screen";
import { packages } from "../../../../cli/doctor/tools";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** Long enough for an answer of this machine, short enough for a test. */
const LIMIT_MS = 300;

describe("the doctor", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    describe("its checks", () => {
        it("fail when they throw, or do not end, and keep no other from its answer", async () => {
            const began = Date.now();
            const findings = await examined(
                [
                    { what: "a", look: () => new Promise<Finding>(() => undefined) },
                    { what: "b", look: () => Promise.reject(mistake("b: got 1\n  Set it\n  to 2.")) },
                    { what: "c", look: () => Promise.reject(new Error("broken")) },
                    { what: "d", look: () => Promise.resolve([ok("d", "1"), note("e", "2")]) },
                ],
                LIMIT_MS,
            );
            expect(Date.now() - began).to.be.below(10 * LIMIT_MS);
            const again = "npm run doctor -- --within 30";
            expect(findings).to.deep.equal([
                failed("a", "no answer within 0.3 s", again),
                failed("b", "b: got 1", "Set it to 2."),
                { mark: "FAILED", what: "c", found: "broken" },
                ok("d", "1"),
                note("e", "2"),
            ]);
        });

        it("end a command that does not answer, and know one that is not there", async () => {
            expect(await ask("sh", ["-c", "echo out; echo err >&2; exit 3"], 5_000)).to.deep.equal({
                code: 3,
                stdout: "out",
                stderr: "err",
                last: "err",
            });
            const began = Date.now();
            const late = await ask("sleep", ["30"], LIMIT_MS);
            expect(late).to.include({ code: undefined, last: "no answer within 0.3 s" });
            expect(Date.now() - began).to.be.below(5_000);
            expect((await ask(join(folder, "none"), [], LIMIT_MS)).code).to.equal(undefined);
        });
    });

    describe("its screen", () => {
        const sections = [
            { title: "One", findings: [ok("a", "fine")] },
            {
                title: "Two",
                findings: [
                    failed("a long name", "word ".repeat(30).trim(), "npm run setup"),
                    note("b", "so"),
                ],
            },
        ];

        it("aligns, wraps, says what to do, and sums up", () => {
            expect(screen(sections, { columns: 60, colours: false }).split("\n")).to.deep.equal([
                "One",
                "  ok      a            fine",
                "",
                "Two",
                `  FAILED  a long name  ${"word ".repeat(7).trim()}`,
                ...Array<string>(3).fill(`                       ${"word ".repeat(7).trim()}`),
                "                       word word",
                "                       > npm run setup",
                "  note    b            so",
                "",
                "1 ok, 1 note, 1 FAILED",
                "Setup has not run yet, or not to its end. Run: npm run setup",
            ]);
        });

        it("colours the marks, and nothing else", () => {
            const plain = screen(sections, { columns: 60, colours: false });
            const colourful = screen(sections, { columns: 60, colours: true });
            expect(colourful).to.contain("  \x1b[31mFAILED\x1b[0m  a long");
            expect(colourful.replace(/\x1b\[\d+m/g, "")).to.equal(plain);
        });
    });

    it("compares the packages with the lock file", () => {
        const installed = join(folder, "node_modules", ".installed-package-lock.json");
        mkdirSync(join(folder, "node_modules"));
        expect(packages(folder).mark).to.equal("FAILED");
        writeFileSync(join(folder, "package-lock.json"), "{}");
        expect(packages(folder).mark).to.equal("FAILED");
        writeFileSync(installed, "{}");
        expect(packages(folder).mark).to.equal("ok");
    });

    it("measures the disk where a folder will be made", async () => {
        const later = join(folder, "not", "made");
        const PETABYTE_GB = 1e6;
        expect((await room("cache", later, 0)).found).to.match(/^[\d.]+ GB free at .*not.made$/);
        expect((await room("cache", later, PETABYTE_GB)).mark).to.equal("FAILED");
        expect((await room("cache", later, 0, PETABYTE_GB)).mark).to.equal("note");
    });
});
