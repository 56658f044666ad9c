import { createHash } from "node:crypto";
import { join } from "node:path";

import { expect } from "chai";

import { imageTag } from "../../../../components/image/sourceImage";
import { trainerCommand, trainerImage, trainerSource } from "../../../../components/image/trainer";
import { recipeOf } from "../../../../components/training/trainingPlan";
import { parseConfig } from "../../../../config/parse";
import type { StackConfig } from "../../../../config/schema";
import { FIRST_TRAINER } from "../../../../config/trainer";
import { checkTrainer } from "../../../../components/training/trainerModules";
import { takesKit } from "../../../../releases/kit";
import { temporaryFolder, writeFile } from "../../../support/temporaryFolder";

const TABULAR = { path: "examples/tabular", package: "tabular" };
const release = { ref: "v1", commit: "c".repeat(40), dirty: false, trainer: "tree" };

describe("the trainer that a configuration names", () => {
    const config = (more: object = {}): StackConfig => parseConfig({ environment: "dev", ...more });

    describe("its folder and package", () => {
        const message = (trainer: object): string => {
            try {
                config({ trainer });
            } catch (error) {
                return (error as Error).message.split("\n").slice(1).join("\n").trim();
            }
            return "accepted";
        };

        it("are those of the first trainer where none is named", () => {
            expect(config().trainer).to.deep.equal({ ...FIRST_TRAINER, settings: {} });
            expect(config({ trainer: { path: "teams/a" } }).trainer).to.deep.equal({
                path: "teams/a",
                package: "seismic",
                settings: {},
            });
        });

        for (const path of [
            "../x",
            "a..b",
            "-a",
            "/x",
            "a/../../x",
            "a//b",
            "a/",
            ".",
            "./a",
            "",
            "A/b",
            "a b",
            "a\\b",
        ]) {
            it(`are refused when the path is ${JSON.stringify(path)}`, () => {
                expect(message({ path })).to.equal(
                    `trainer.path: got ${path || '""'}; needs a folder within the project such as examples/tabular: ` +
                        "lowercase letters, digits, '.', '_', '-'",
                );
            });
        }

        for (const name of ["a.b", "1a", "a-b", "", "a b"]) {
            it(`are refused when the package is ${JSON.stringify(name)}`, () => {
                expect(message({ package: name })).to.equal(
                    `trainer.package: got ${name || '""'}; needs the name of a Python package, without dots, such as tabular`,
                );
            });
        }

        it("are taken as they are elsewhere", () => {
            for (const path of ["trainer", "examples/tabular", "a/b-c/d_e/f.g", "v2"]) {
                expect(message({ path, package: "_x9" }), path).to.equal("accepted");
            }
        });
    });

    it("is run as a module of its package, in an image that its folder names", () => {
        expect(trainerCommand(FIRST_TRAINER, "train")).to.deep.equal(["python", "-m", "seismic.train"]);
        expect(trainerCommand(TABULAR, "serving")).to.deep.equal(["python", "-m", "tabular.serving"]);
        expect(trainerImage(FIRST_TRAINER)).to.equal("seismic-mlops/trainer");
        expect(trainerImage(TABULAR)).to.equal("seismic-mlops/examples-tabular");
    });

    it("has an image of its folder, and of the kit if it takes the kit", () => {
        const its = { context: "trees/t", repository: "seismic-mlops/trainer" };
        expect(trainerSource({ trainer: "trees/t" }, FIRST_TRAINER)).to.deep.equal({
            ...its,
            kit: undefined,
        });
        const both = { trainer: "trees/t", kit: "trees/k" };
        expect(trainerSource(both, FIRST_TRAINER)).to.deep.equal({ ...its, kit: "trees/k" });
        expect(trainerSource(both, FIRST_TRAINER, "/project")).to.include({
            context: "/project/trees/t",
            kit: "/project/trees/k",
        });
        expect(imageTag({ ...its, context: "trainer", kit: "kit" })).to.not.equal(
            imageTag({ ...its, context: "trainer" }),
        );
        expect(takesKit(FIRST_TRAINER.path)).to.equal(true);
        expect(takesKit(TABULAR.path)).to.equal(true);
        expect(takesKit("test/trainers/stub")).to.equal(false);
    });

    it("is part of what makes a model: another package of one folder makes another", () => {
        const recipe = (trainer: object) =>
            recipeOf({ config: config({ trainer }), release, image: "i:1", fingerprint: "f" });
        expect(recipe({ package: "other" })).not.to.equal(recipe({}));
        // The recipe from before this choice existed. Any other one would make each existing stack train again.
        const parameters = { trials: 20, timeBudget: "10m", hyperparameters: {}, seed: 42 };
        const before = ["i:1", "f", parameters, "SeismicClassifier", "seismic_classification_dev"];
        const hash = createHash("sha256").update(JSON.stringify(before)).digest("hex").slice(0, 16);
        expect(recipe({})).to.equal(hash);
    });

    describe("its modules", () => {
        let folder: string;
        temporaryFolder((made) => (folder = made));

        const write = (...names: string[]) => {
            for (const name of names) {
                writeFile(join(folder, "tree", name), "");
            }
        };
        const problems = (values: object): string[] => {
            try {
                checkTrainer(folder, release, config({ trainer: TABULAR, ...values }));
            } catch (error) {
                return (error as Error).message.split("\n");
            }
            return [];
        };
        const LEAST = { data: { source: "folder", path: "x" }, statusPage: false };
        const ALL = { retraining: { onDrift: true }, monitoring: { enabled: true } };

        it("have to be those that the configuration has run, each of them", () => {
            expect(problems(ALL)).to.deep.equal([
                "the trainer of v1 (cccccccccccc) lacks what the stack's configuration asks for; nothing was changed",
                ...[
                    ["trainer.package: got tabular", "train", "name the package that has it"],
                    ["trainer.package: got tabular", "serving", "name the package that has it"],
                    [
                        "data.source: got demo",
                        "demo",
                        "set it to folder, and data.path to the folder of your data",
                    ],
                    ["statusPage: got true", "status", "set it to false"],
                    ["retraining: got onDrift or schedule", "retraining", "take them away"],
                ].map(
                    ([asks, module, otherwise]) =>
                        `  ${asks}; examples/tabular/tabular has no ${module}.py and no ${module}/__main__.py. ` +
                        `Add it (docs/trainer-contract.md), or ${otherwise}`,
                ),
            ]);
        });

        it("may be no more than two where it asks for no more", () => {
            write("tabular/train.py", "tabular/serving.py");
            expect(problems(LEAST)).to.deep.equal([]);
            expect(problems({ ...LEAST, statusPage: true })).to.have.length(2);
            expect(problems({ ...LEAST, data: { source: "demo" } })).to.have.length(2);
        });

        it("may be packages, which need something to run", () => {
            write("tabular/train.py", "tabular/serving/__main__.py", "tabular/demo/__init__.py");
            expect(problems(LEAST)).to.deep.equal([]);
            expect(problems({ statusPage: false })[1]).to.match(/^ {2}data\.source: got demo/);
        });

        it("are those of the package, not of another one beside it", () => {
            write("other/train.py", "other/serving.py");
            expect(problems(LEAST)).to.have.length(3);
        });
    });

    it("is what this project ships, in both folders", () => {
        for (const [trainer, values] of [
            [FIRST_TRAINER, { retraining: { schedule: "0 3 * * 1" } }],
            [TABULAR, { retraining: { schedule: "0 3 * * 1" } }],
        ] as const) {
            const its = { ...release, trainer: trainer.path };
            expect(() => checkTrainer(process.cwd(), its, config({ trainer, ...values }))).not.to.throw();
        }
    });
});
