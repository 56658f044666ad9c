import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { differences, figures, listed, named, table } from "../../../../cli/terminal/report";
import { changeStackFile } from "../../../../cli/stack/stackFile";
import { recordOf } from "../../../support/commands/records";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("the scripts that release", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    describe("a stack's file", () => {
        const YAML = [
            "# What prod is",
            "config:",
            "  seismic-mlops:environment: prod # for ever",
            "  seismic-mlops:training:",
            "    run: always",
            "    trials: 20",
            "encryptionsalt: v1:abc=",
            "",
        ].join("\n");
        const file = () => join(folder, "Pulumi.prod.yaml");
        beforeEach(() => writeFileSync(file(), YAML));

        it("gets a value and its comment, and keeps the rest as it stands", () => {
            const changes = [{ key: "release", value: "0123456", comment: "v1" }];
            expect(changeStackFile(file(), changes)).to.deep.equal(["release: nothing -> 0123456"]);
            // A value of digits is still a text.
            expect(readFileSync(file(), "utf8")).to.equal(
                YAML.replace("encryptionsalt", '  seismic-mlops:release: "0123456" # v1\nencryptionsalt'),
            );
        });

        it("gets a value within another", () => {
            changeStackFile(file(), [{ key: "training.run", value: "never" }]);
            expect(readFileSync(file(), "utf8")).to.equal(YAML.replace("always", "never"));
        });

        it("is not written when it says so already", () => {
            writeFileSync(file(), YAML.replace(/\n/g, "\r\n"));
            const before = readFileSync(file(), "utf8");
            expect(changeStackFile(file(), [{ key: "environment", value: "prod" }])).to.deep.equal([]);
            expect(readFileSync(file(), "utf8")).to.equal(before);
        });

        it("loses a value, and the maps that are empty without it, and nothing else", () => {
            const users =
                "  seismic-mlops:access:\n    users:\n      ci: caller # the robot\n      ops: operator\n";
            writeFileSync(file(), YAML.replace("encryptionsalt", `${users}encryptionsalt`));
            const remove = (key: string) => changeStackFile(file(), [{ key, value: undefined }]);
            expect(remove("access.users.ci")).to.deep.equal(["access.users.ci: removed"]);
            const left = users.replace("      ci: caller # the robot\n", "");
            expect(readFileSync(file(), "utf8")).to.equal(
                YAML.replace("encryptionsalt", `${left}encryptionsalt`),
            );
            expect(remove("access.users.ci")).to.deep.equal([]);
            remove("access.users.ops");
            expect(readFileSync(file(), "utf8")).to.equal(YAML);
        });

        it("loses a secret, whose value is not told", () => {
            const secret = "  seismic-mlops:userPasswords:\n    ci:\n      secure: v1:canary\n";
            writeFileSync(file(), YAML.replace("encryptionsalt", `${secret}encryptionsalt`));
            const changes = [{ key: "userPasswords.ci", value: undefined }];
            expect(changeStackFile(file(), changes)).to.deep.equal(["userPasswords.ci: removed"]);
            expect(readFileSync(file(), "utf8")).to.equal(YAML);
        });

        it("is refused when a map is written as one text, or encrypted as a whole", () => {
            for (const text of ["'{\"users\": {}}'", "\n    secure: v1:abc"]) {
                writeFileSync(
                    file(),
                    YAML.replace("encryptionsalt", `  seismic-mlops:access: ${text}\nencryptionsalt`),
                );
                const before = readFileSync(file(), "utf8");
                expect(() => changeStackFile(file(), [{ key: "access.users.ci", value: "caller" }])).to.throw(
                    /^access: its value is a single text in the stack's file, so access\.users\.ci cannot/,
                );
                expect(readFileSync(file(), "utf8")).to.equal(before);
            }
        });

        it("is refused when it is no YAML of a stack", () => {
            writeFileSync(file(), "config: [");
            expect(() => changeStackFile(file(), [{ key: "a", value: "b" }])).to.throw(
                /not the YAML of a stack/,
            );
        });
    });

    describe("reports", () => {
        it("name a release by its commit, and its ref where that says more", () => {
            const commit = "0123456789abcdef";
            expect(named({ commit, ref: "v1" })).to.equal("0123456789ab (v1)");
            expect(named({ commit, ref: "0123456" })).to.equal("0123456789ab");
            expect(figures({ metrics: { macroF1: 0.93456, accuracy: 1 } })).to.equal(
                "macroF1 0.9346, accuracy 1.0000",
            );
        });

        it("list releases with macro F1, or with the first figure of a model that has none", () => {
            const columns = (...of: Record<string, number>[]) =>
                listed(of.map((metrics) => ({ ...recordOf("a".repeat(40)), metrics }))).map((line) =>
                    line.trim().split(/ {2,}/),
                );
            const [header, first, second] = columns({ rmse: 2.5, r2: 0.5 }, { accuracy: 1, macroF1: 0.25 });
            expect(header).to.include("rmse or macroF1");
            expect([first, second].flat()).to.include.members(["2.5000", "0.2500"]);
            expect(columns({ macroF1: 0.25 })[0]).to.include("macroF1");
            expect(columns({})[0]).to.include("figure");
        });

        it("align columns", () => {
            expect(
                table([
                    ["a", "bb"],
                    ["ccc", ""],
                ]),
            ).to.deep.equal(["  a    bb", "  ccc"]);
        });

        it("tell where two configurations differ", () => {
            expect(
                differences({ a: 1, b: { c: "x", d: [1] } }, { a: 1, b: { c: "y", d: [1] }, e: true }),
            ).to.deep.equal([
                ["b.c", '"x"', '"y"'],
                ["e", "-", "true"],
            ]);
        });
    });
});
