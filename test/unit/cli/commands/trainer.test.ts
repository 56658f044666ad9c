import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { expect } from "chai";

import { pinnedVersion } from "../../../../cli/testing/linters";
import { CommandProject, type Snapshot } from "../../../support/commands/project";
import { writeFile } from "../../../support/temporaryFolder";

/** Refused command lines, with a part of the message. */
const REFUSED: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [[], /trainer: got nothing; give check PATH or new NAME\. Nothing was changed/],
    [["check"], /trainer: got check; give check PATH or new NAME/],
    [["check", "no-such-folder"], /no-such-folder: no such folder/],
    [["check", "examples"], /--package: not given, and .* has no folder with a module train/],
    [["check", "examples/tabular", "--within", "0"], /--within: got 0; needs a number of seconds/],
    [["check", "examples/tabular", "--from", "x"], /--from: it has no meaning for trainer check/],
    [["new", "churn"], /--from: got nothing; give .*seismic\. Nothing was changed/],
    [["new", "json", "--from", "tabular"], /json is a module of Python's own/],
    [["new", "churn", "--from", "tabular", "--json"], /--json: it has no meaning for trainer new/],
];

describe("the command trainer", function () {
    this.timeout("60s");
    let project: CommandProject;
    let untouched: Snapshot;
    let bin: string;
    before(() => {
        project = new CommandProject();
        untouched = project.snapshot();
        // The linter that the project pins, so that nothing is installed. It notes what it is asked to do.
        bin = mkdtempSync(join(tmpdir(), "seismic-ruff-"));
        const script = `#!/bin/sh\n[ "$1" = --version ] && echo "ruff ${pinnedVersion("ruff")}" && exit\necho "$PWD $1" >> ${bin}/calls\n`;
        writeFile(join(bin, "ruff"), script);
        chmodSync(join(bin, "ruff"), 0o755);
    });
    after(() => {
        project.remove();
        rmSync(bin, { recursive: true });
    });
    const trainer = (...args: string[]) =>
        project.run("trainer", args, { PATH: `${bin}${delimiter}${process.env.PATH}` });

    it("refuses what it does not know, before anything", async () => {
        const said = await project.mains(REFUSED.map(([args]) => ({ script: "trainer", args })));
        for (const [at, { code, stdout, stderr }] of said.entries()) {
            const [args, says] = REFUSED[at]!;
            expect({ code, stdout }, args.join(" ")).to.deep.equal({ code: 1, stdout: "" });
            expect(stderr)
                .to.match(says)
                .and.not.match(/^ +at /m);
        }
        expect(project.snapshot()).to.deep.equal(untouched);
    });

    it("shows a new trainer by --dry-run, and makes nothing", async () => {
        const { code, stdout, stderr } = await trainer("new", "churn", "--from", "tabular", "--dry-run");
        expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
        expect(stdout)
            .to.match(/^trainers\/churn would be made from examples\/tabular:\n/)
            .and.include("\n  trainers/churn/churn/train.py\n")
            .and.match(/Nothing was changed\.\n$/);
        expect(project.snapshot()).to.deep.equal(untouched);
    });

    it("makes a new trainer once, sorts its imports, and says what to do with it", async () => {
        const { code, stdout, stderr } = await trainer("new", "churn", "--from", "tabular");
        expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
        const folder = join(project.folder, "trainers/churn");
        expect(existsSync(join(folder, "churn/train.py"))).to.equal(true);
        expect(readFileSync(join(bin, "calls"), "utf8")).to.equal(`${folder} check\n`);
        expect(stdout).to.include("  npm run mlops -- trainer check trainers/churn\n");
        const made = project.snapshot();
        const again = await trainer("new", "churn", "--from", "tabular");
        expect(again.code).to.equal(1);
        expect(again.stderr).to.include("trainers/churn: it is there already");
        expect(project.snapshot()).to.deep.equal(made);
    });

    it("reports a trainer that lacks a module as JSON, without running anything of it", async () => {
        const folder = join(project.folder, "trainers/churn");
        rmSync(join(folder, "churn/demo.py"));
        const { code, stdout } = await trainer("check", "trainers/churn", "--json");
        const report = JSON.parse(stdout) as {
            ok: boolean;
            parts: { lines: { what: string; mark: string; found: string }[] }[];
        };
        expect({ code, ok: report.ok }).to.deep.equal({ code: 1, ok: false });
        const lines = report.parts.flatMap((part) => part.lines);
        const line = lines.find(({ what }) => what === "module demo");
        expect(line).to.deep.include({ mark: "missing" });
        expect(line!.found).to.equal(
            "no churn/demo.py and no churn/demo/__main__.py; set data.source to folder, and check with --data FOLDER",
        );
        const [, ...others] = report.parts;
        const marks = new Set(others.flatMap((part) => part.lines.map(({ mark }) => mark)));
        expect([...marks]).to.deep.equal(["skipped"]);
        expect(lines.find(({ mark }) => mark === "skipped")!.found).to.equal("first mend: module demo");
    });
});
