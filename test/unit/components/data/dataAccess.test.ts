import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { surveyFingerprint } from "../../../../components/data/surveyData";
import { DataFolder, OWNER } from "../../../support/dataFolders";

const isRoot = process.getuid!() === 0;

describe("data folders, whoever reads them,", () => {
    const data = new DataFolder();

    describe("are refused with what their reader may not read,", () => {
        const STRANGER = "4711:4712";
        for (const [what, path, mode, reader, good] of [
            ["nothing of it", "x.sgy", 0o644, STRANGER, true],
            ["a file of another's", "x.sgy", 0o640, STRANGER, false],
            ["a file of its group's", "x.sgy", 0o640, `4711:${process.getgid!()}`, true],
            ["a file of its own", "x.sgy", 0o600, OWNER, true],
            ["a file of its own that others may read", "x.sgy", 0o044, OWNER, false],
            ["a file further down", "sub/deep/y.sgy", 0o600, STRANGER, false],
            ["a folder that cannot be listed", "sub", 0o711, STRANGER, false],
            ["a folder that cannot be entered", "sub", 0o744, STRANGER, false],
            ["the folder itself", "", 0o700, STRANGER, false],
        ] as const) {
            it(what, () => {
                data.write("sub/deep/y.sgy");
                const before = statSync(data.in(path)).mode;
                chmodSync(data.in(path), mode);
                const place = path === "" ? "FOLDER" : `FOLDER/${path}`;
                expect(data.problems(reader)).to.deep.equal(
                    good
                        ? []
                        : [
                              `${place}: the trainer's container runs as user ${reader}, who may not read it; ` +
                                  `run: chmod -R a+rX ${place}`,
                          ],
                );
                chmodSync(data.in(path), before);
            });
        }

        it("whatever its name, so that the command can be copied", () => {
            const names = ["a b.sgy", "it's.sgy", "-rf.sgy", "new\nline.sgy", "$(x).sgy", "a:b,c.sgy"];
            names.forEach((name) => (data.write(name), chmodSync(data.in(name), 0o600)));
            const odd = data.bytes("caf", 0xe9, ".sgy");
            writeFileSync(odd, "1", { mode: 0o600 });
            for (const [index, problem] of data.problems(STRANGER).slice(0, 5).entries()) {
                const command = problem.slice(problem.indexOf("; run: ") + "; run: ".length);
                execFileSync("bash", ["-c", command.replaceAll("FOLDER", data.path)]);
                expect(problem, String(index)).not.to.include("\uFFFD");
            }
            expect(data.problems(STRANGER)).to.have.length(2);
        });
    });

    describe("that are none", () => {
        const says = (path: string): string => {
            try {
                surveyFingerprint({ source: "folder", path }, true);
            } catch (error) {
                return (error as Error).message;
            }
            return "accepted";
        };
        it("are refused with what is there instead", () => {
            expect(says(data.in("gone"))).to.match(/^data\.path: .*gone does not exist; give the folder/);
            expect(says(data.in("x.sgy"))).to.match(/x\.sgy is not a folder; give/);
            expect(says(join(data.path, "x.sgy", "y"))).to.match(/does not exist; give/);
            expect(says("~/survey")).to.match(/~\/survey does not exist; .*; ~ is a shell's/);
            expect(says(join(data.path, "n".repeat(300)))).to.match(/cannot be looked at \(ENAMETOOLONG\)/);
            mkdirSync(data.in("empty"));
            expect(says(data.in("empty"))).to.match(/it is empty; give the folder/);
        });
        it("are taken with a slash at the end, through a link, and with any name", () => {
            const odd = join(data.made, "it's a, b:c\n");
            renameSync(data.path, odd);
            symlinkSync(odd, join(data.made, "link"));
            expect(says(`${odd}/`)).to.equal("accepted");
            expect(says(join(data.made, "link"))).to.equal("accepted");
        });
        it("are not looked for on this machine where the engine is on another", () => {
            expect(surveyFingerprint({ source: "folder", path: "/gone" }, false)).to.equal(undefined);
        });
        if (isRoot) {
            it("are read as their owner, and as nobody when that is root", () => {
                chmodSync(data.path, 0o700);
                expect(says(data.path)).to.match(
                    /runs as user 10001:10001, who may not read it; run: chmod -R a\+rX/,
                );
                chownSync(data.path, 1234, 1235);
                expect(says(data.path)).to.equal("accepted");
                chmodSync(data.in("x.sgy"), 0o600);
                expect(says(data.path)).to.match(/x\.sgy: .* user 1234:1235, who may not/);
            });
        }
    });
});
