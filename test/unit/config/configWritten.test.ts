import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { parseTexts } from "../../../config/parse";
import { changeStackFile } from "../../../cli/stack/stackFile";
import { temporaryFolder } from "../../support/temporaryFolder";

const PROJECT = "seismic-mlops";

/** Values without quotes in a file, and the values that Pulumi 3.245 makes of them. */
const CHANGED: [string, string][] = [
    ["1.10", "1.1"],
    ["1.0", "1"],
    ["5912e34", "5.912e+37"],
    ["0123456", "42798"],
    ["00123", "83"],
    ["0x1F", "31"],
    ["0o17", "15"],
    ["0b11", "3"],
    ["1_000", "1000"],
    ["1e3", "1000"],
    ["+5", "5"],
    ["1.", "1"],
    ["True", "true"],
    ["2024-01-02", "2024-01-02 00:00:00 +0000 UTC"],
    ["12345678901234567890123", "1.2345678901234568e+22"],
];
const KEPT = ["1234567", "yes", "v1.10", "1.10.2", "main", "0123abc", "5912e34f"];

describe("what a stack's file says", () => {
    const problems = (texts: Record<string, string>, text: string | undefined): string[] => {
        const full = Object.entries({ environment: "dev", ...texts }).map(([key, value]) => [
            `${PROJECT}:${key}`,
            value,
        ]);
        try {
            parseTexts(Object.fromEntries(full) as Record<string, string>, PROJECT, {
                name: "Pulumi.dev.yaml",
                text,
            });
        } catch (error) {
            return (error as Error).message.split("\n").slice(1);
        }
        return [];
    };
    const release = (source: string, handed = source, key = `${PROJECT}:release`) =>
        problems({ release: handed }, `config:\n  ${key}: ${source}\n`);

    for (const [source, handed] of CHANGED) {
        it(`is refused where YAML makes ${handed} of ${source}, and taken in quotes`, () => {
            const said = [
                `  release: got "${handed}", which YAML makes of ${source} in Pulumi.dev.yaml; ` +
                    `write it in quotes: "${source}"`,
            ];
            expect(release(source, handed)).to.deep.equal(said);
            expect(release(source, handed, "release")).to.deep.equal(said);
            expect(release(`${source} # a comment`, handed)).to.deep.equal(said);
            expect(release(`"${source}"`, source)).to.deep.equal([]);
            expect(release(`'${source}'`, source)).to.deep.equal([]);
        });
    }

    it("is refused where a key has no value", () => {
        for (const source of ["", "null", "~"]) {
            expect(release(source, "")).to.have.length(1);
        }
        expect(release("", "")).to.deep.equal([
            '  release: got "", as Pulumi.dev.yaml gives no value; give one, or take the key away',
        ]);
    });

    it("is taken where YAML leaves it as it is", () => {
        for (const source of KEPT) {
            expect(release(source), source).to.deep.equal([]);
        }
    });

    it("is refused within others too, with the file's own characters", () => {
        const within = (source: string, handed: unknown) =>
            problems(
                { mlflow: JSON.stringify({ experiment: handed }) },
                `config:\n  ${PROJECT}:mlflow:\n    experiment: ${source}\n`,
            );
        expect(within("2024-01-02", "2024-01-02 00:00:00 +0000 UTC")).to.deep.equal([
            '  mlflow.experiment: got "2024-01-02 00:00:00 +0000 UTC", which YAML makes of 2024-01-02 in Pulumi.dev.yaml; ' +
                'write it in quotes: "2024-01-02"',
        ]);
        expect(within("0123", 83)).to.deep.equal([
            "  mlflow.experiment: got 83, which YAML makes of 0123 in Pulumi.dev.yaml; " +
                "write it without the 0 in front, or in quotes if it is a text",
        ]);
        expect(within("2024", 2024)).to.deep.equal([
            "  mlflow.experiment: got 2024; needs letters, digits, '_', '.' or '-', beginning with a letter or digit; " +
                'write it in quotes: "2024"',
        ]);
        expect(within('"2024-01-02"', "2024-01-02")).to.deep.equal([]);
    });

    it("is refused where a number begins with 0, which YAML takes for an octal one", () => {
        const seed = (source: string, handed: number) =>
            problems(
                { training: JSON.stringify({ seed: handed }) },
                `config:\n  ${PROJECT}:training: {seed: ${source}}\n`,
            );
        expect(seed("010", 8)).to.deep.equal([
            "  training.seed: got 8, which YAML makes of 010 in Pulumi.dev.yaml; " +
                "write it without the 0 in front, or in quotes if it is a text",
        ]);
        for (const [source, handed] of [
            ["0", 0],
            ["10", 10],
            ["1_000", 1000],
            ["0x1F", 31],
            ["1e3", 1000],
        ] as const) {
            expect(seed(source, handed), source).to.deep.equal([]);
        }
    });

    it("is not guessed where it cannot be seen", () => {
        for (const text of [undefined, "", "config: {}\n", `config:\n  ${PROJECT}:release: v1\n`]) {
            expect(problems({ release: "1.1" }, text)).to.deep.equal([
                '  release: got "1.1", and whether that is what was written cannot be seen in Pulumi.dev.yaml; ' +
                    "name the file that it comes from in the variable STACK_CONFIG_FILE",
            ]);
            expect(problems({ release: "v2" }, text)).to.deep.equal([]);
        }
    });

    describe("after a script has changed it", () => {
        let folder: string;
        temporaryFolder((made) => (folder = made));

        for (const value of [
            ...CHANGED.map(([source]) => source),
            ...KEPT,
            "null",
            "~",
            "true",
            "no",
            "1.10.2",
            "0XFF",
        ]) {
            it(`is what it was told: ${value}`, () => {
                const file = join(folder, "Pulumi.prod.yaml");
                writeFileSync(file, `config:\n  ${PROJECT}:environment: dev\n`);
                changeStackFile(file, [{ key: "release", value, comment: "v1" }]);
                const text = readFileSync(file, "utf8");
                const plain = /^[a-z][^:]*$|[acdf]/.test(value) && !/^(no|yes|null|true)$|^0x/i.test(value);
                expect(text).to.include(`release: ${plain ? value : `"${value}"`} # v1`);
                for (const version of ["1.1", "1.2"] as const) {
                    const { config } = parse(text, { version }) as { config: Record<string, unknown> };
                    expect(config[`${PROJECT}:release`]).to.equal(value);
                }
                expect(changeStackFile(file, [{ key: "release", value, comment: "v1" }])).to.deep.equal([]);
            });
        }

        it("has quotes where it had none that it needs", () => {
            const file = join(folder, "Pulumi.prod.yaml");
            writeFileSync(file, "config:\n  release: 2024-01-02\n");
            changeStackFile(file, [{ key: "release", value: "2024-01-02" }]);
            expect(readFileSync(file, "utf8")).to.equal('config:\n  release: "2024-01-02"\n');
        });
    });
});
