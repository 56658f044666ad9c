import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect } from "chai";

import { ownTrainers } from "../../../../cli/testing/trainer";
import { fileChecks } from "../../../../cli/trainer/checks/files";
import { isFault, judged } from "../../../../cli/trainer/lines";
import { makeNew, nextSteps, origins, planNew } from "../../../../cli/trainer/new/making";
import { importsOf } from "../../../../cli/trainer/new/names";
import { renamed } from "../../../../cli/trainer/new/renaming";
import { readSource } from "../../../../cli/trainer/source";
import { CHECKOUT } from "../../../../cli/local/paths";
import { trainer } from "../../../../config/trainer";
import { temporaryFolder, writeFile } from "../../../support/temporaryFolder";

/** No team's trainer has this name, and so nothing is in its place. */
const NAME = "made_by_a_test";
/** Names that a package cannot have. */
const REFUSED: readonly (readonly [name: string, says: RegExp])[] = [
    ["Churn", /lowercase letters/],
    ["9a", /lowercase letters/],
    ["my-churn", /lowercase letters/],
    ["class", /no word of Python's/],
    ["", /lowercase letters/],
    ["kit", /the platform's package/],
    ["tests", /the folder of the tests/],
    ["json", /a module of Python's own/],
    ["sklearn", /of the copied trainer's lock/],
    ["pandas", /of the copied trainer's lock/],
];

describe("a new trainer", () => {
    let folder: string;
    temporaryFolder((it) => (folder = it));
    const plan = (name: string, from = "tabular", path?: string) => planNew({ name, from, path });

    for (const { name: from, path } of origins()) {
        it(`made from ${from} has its files, with the package under the new name`, () => {
            const made = planNew({ name: NAME, from, path: undefined });
            expect(made.files.map(({ target }) => target)).to.include.members([
                "Dockerfile",
                "requirements.txt",
                "requirements.in",
                ".dockerignore",
            ]);
            for (const { target, content } of made.files.filter((file) => file.target.endsWith(".py"))) {
                expect(String(content), target).to.not.match(
                    new RegExp(`(from|import|-m|["'])[ ]?${from}[ .\\n"']`),
                );
            }
            // The checkout is elsewhere for the written folder, so only what needs no kit and no link is looked at.
            makeNew({ ...made, folder });
            const source = readSource(folder, undefined);
            expect(source.package).to.equal(NAME);
            const bad = judged("", fileChecks(false), { source }).lines.filter(isFault);
            expect(bad).to.deep.equal([]);
            // Nothing of the copied trainer is left out but what its own builds leave out.
            expect(made.files.some(({ target }) => target.startsWith(`${from}/`))).to.equal(false);
            expect(existsSync(join(CHECKOUT, path, from))).to.equal(true);
        });
    }

    it("has links to the platform from its own place, at any depth", () => {
        const of = (from: string, path?: string) => {
            const { files } = plan(NAME, from, path);
            return (name: string) => String(files.find(({ target }) => target === name)!.content);
        };
        expect(of("tabular")("ruff.toml")).to.include('extend = "../../trainer/ruff.toml"');
        expect(of("tabular", join(CHECKOUT, `teams/a/${NAME}`))("ruff.toml")).to.include(
            '"../../../trainer/ruff.toml"',
        );
        const paths = /^pythonpath = (.*)$/m.exec(of("seismic")("pytest.ini"))![1]!.split(" ");
        expect(paths).to.include.members([".", "../../kit", "../../contract"]);
        expect(paths.filter((path) => /^\.\.\/\w/.test(path))).to.deep.equal([]);
        expect(of("tabular")("README.md"))
            .to.match(new RegExp(`^# The trainer ${NAME}\n`))
            .and.include("(../../docs/trainer-contract.md)");
    });

    it("keeps the old word where it is no name of the package", () => {
        const renaming = {
            old: "seismic",
            new: "rock",
            from: join(CHECKOUT, "trainer"),
            to: join(CHECKOUT, "trainers/rock"),
            checkout: CHECKOUT,
        };
        const same =
            'FROM seismic-mlops/base\nseismic_drift_score\n"a seismic trace"\norganization/seismic-mlops/dev\n';
        expect(renamed(same, "a.py", renaming)).to.equal(same);
        const text =
            'from seismic import a\n    import seismic\n"seismic"\n__module__ = "seismic.features"\ncode/seismic/a.py\n`python -m seismic.train`\n';
        expect(renamed(text, "a.py", renaming)).to.equal(text.replaceAll("seismic", "rock"));
        const docker =
            "FROM seismic-mlops/base:trixie\nRUN --mount=id=uv-trainer,sharing=locked x\nCOPY seismic ./seismic\n";
        expect(renamed(docker, "Dockerfile", renaming)).to.equal(
            "FROM seismic-mlops/base:trixie\nRUN --mount=id=uv-rock,sharing=locked x\nCOPY rock ./rock\n",
        );
        const lock = "# via\n#   -r trainer/requirements.in\n";
        expect(renamed(lock, "requirements.txt", renaming)).to.equal(
            lock.replace("trainer/", "trainers/rock/"),
        );
    });

    for (const [name, says] of REFUSED) {
        it(`is refused under the name '${name}'`, () => {
            expect(() => plan(name))
                .to.throw(says)
                .and.property("message")
                .match(/Nothing was changed\.$/);
        });
    }

    it("is refused in a folder that is in use, or that no image can be named after", () => {
        expect(() => plan(NAME, "tabular", join(CHECKOUT, "examples/tabular"))).to.throw(
            /it is there already/,
        );
        // The last two are refused by trainer.path too.
        for (const path of ["Trainers/x", "trainers/a..b", "trainers/a___b"]) {
            expect(() => plan(NAME, "tabular", join(CHECKOUT, path)), path).to.throw(
                /--path: got .*lowercase/,
            );
        }
        expect(() => plan(NAME, "tabular", join(dirname(CHECKOUT), "x"))).to.throw(
            /--path: got .*of this checkout/,
        );
        expect(() => plan(NAME, "nothing")).to.throw(
            /--from: got nothing; give forecast, seismic or tabular|--from: got nothing; give .*tabular/,
        );
    });

    it("is told how a stack runs it, by values that the configuration takes", () => {
        const steps = nextSteps(plan("churn_rate"));
        const value = (key: string) =>
            steps
                .find((line) => line.includes(` ${key} `))!
                .split(` ${key} `)[1]!
                .split(" ")[0];
        const given = { path: value("trainer.path"), package: value("trainer.package") };
        expect(trainer.parse(given)).to.deep.include({ path: "trainers/churn_rate", package: "churn_rate" });
        expect(value("model.name")).to.equal("ChurnRate");
    });

    it("is tested as the project's own are, if it has tests", () => {
        for (const [name, text] of [
            ["a", "FROM x AS base\nFROM base AS test\n"],
            ["b", "FROM x\n"],
        ] as const) {
            writeFile(join(folder, "trainers", name, "Dockerfile"), text);
        }
        expect(ownTrainers(folder)).to.deep.equal([{ folder: "trainers/a" }]);
        expect(ownTrainers(join(folder, "none"))).to.deep.equal([]);
    });

    it("knows the imports of a lock", () => {
        expect([...importsOf("scikit-learn==1 \\\n    --hash=x\nA.b==2\n")]).to.have.members([
            "scikit_learn",
            "sklearn",
            "a_b",
        ]);
    });

    it("changes nothing of the checkout when it is only planned", () => {
        const before = readdirSync(CHECKOUT);
        plan(NAME);
        expect(readdirSync(CHECKOUT)).to.deep.equal(before);
    });
});
