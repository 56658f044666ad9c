import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { SUITES } from "../../../../cli/testing/engines";
import { CHECKOUT } from "../../../../cli/local/paths";
import { isPassing, type Option } from "../../../../cli/terminal/verb";
import { VERBS } from "../../../../cli/verbs";
import { wordsOf } from "../../../support/pages/commandWords";
import { documentedCommands } from "../../../support/pages/documentedCommands";
import { CommandProject, type Snapshot } from "../../../support/commands/project";

const NAMES = VERBS.map(({ name }) => name);
/** The verbs with a command line that is read strictly. */
const STRICT = VERBS.flatMap((it) => (isPassing(it) ? [] : [it]));
/** This verb passes its whole command line to Pulumi. */
const THROUGH = "pulumi";
/** This verb takes words: the parts of the tests. */
const WORDS = "test";
/** The verbs that take words take a stray one for a word. */
const WORDLESS = STRICT.filter(({ words }) => words === undefined);
const HELPFUL = NAMES.filter((name) => name !== THROUGH);

/** Refused command lines, with a part of the message. */
const REFUSED: readonly [script: string, args: readonly string[], says: RegExp, env?: NodeJS.ProcessEnv][] = [
    ...WORDLESS.map(({ name }) => [name, ["stray"], /stray/] as [string, string[], RegExp]),
    ["start", ["stray"], /stray/],
    ["test", ["stray"], /stray/],
    ...STRICT.filter(({ name }) => name !== WORDS).map(
        ({ name }) =>
            [name, ["--stak"], /Unknown option '--stak'.*Nothing was changed/] as [string, string[], RegExp],
    ),
    ...STRICT.filter(({ actedUnasked }) => actedUnasked).map(
        ({ name, options }) =>
            [name, needed(options), /--yes: missing; .* Nothing was changed/] as [string, string[], RegExp],
    ),
    ...STRICT.filter(({ options }) => "dry-run" in options && "yes" in options).map(
        ({ name, options }) =>
            [name, [...needed(options), "--yes", "--dry-run"], /--yes and --dry-run: give one/] as [
                string,
                string[],
                RegExp,
            ],
    ),
    ["rolback", ["--stack", "prod"], /Unknown command 'rolback' \(Did you mean rollback\?\)/],
    ["rollback", ["--stak", "prod"], /Unknown option '--stak' \(Did you mean --stack\?\)/],
    ["rollback", [], /--stack: missing.*[^]*--stack STACK/],
    ["rollback", ["--stack"], /Option '--stack <STACK>' argument missing/],
    ["rollback", ["--stack", "--yes"], /--stack: its value is missing; .* --stack=--yes/],
    ["rollback", ["--stack", "prod", "--yes=true"], /Unknown option '--yes=true'/],
    ["rollback", ["--stack", "prod", "--to", "v1", "--release", "v1"], /--release: given twice/],
    ["rollback", ["--stack", "prod", "--list", "--yes"], /--list and --yes: give one of them/],
    ["rollback", ["--stack", "prod", "--list", "--release", "v1"], /--list: it changes nothing/],
    ["rollback", ["--stack", "prod", "--list", "--why", "x"], /--list: it changes nothing/],
    ["rollback", ["--stack", "prod", "--release", ""], /--release: got nothing/],
    ["rollback", ["--stack", "prod", "--stack", "staging"], /--stack: given twice/],
    ["test", ["--all", "lint"], /--all: got lint besides/],
    ["test", ["lint", "--grep", "x"], /--grep: got lint; tests can be chosen of unit, e2e, nodes only/],
    ["test", ["--all", "--engine", "sid"], /--all and --engine/],
    ["prune", ["--stack", "prod", "--all"], /--stack and --all: give one of them/],
    ["prune", [], /--stack STACK or --all: one of them is needed/],
    ["prune", ["--stack", "prod", "--keep-runs", "1.5"], /--keep-runs: got 1.5; give a whole number from 0/],
    ["start", ["--stack"], /--stack: missing/],
    ["start", ["--stack", "a", "-s", "b"], /--stack: given twice/],
    ["start", ["up", "--stack", "staging"], /got up, which is no option/],
    // npm keeps options before --, and passes them on as variables.
    ["start", [], /--stack: npm kept it.*npm run start -- --stack/, { npm_config_stack: "staging" }],
    ["start", ["staging"], /--stack: npm kept it/, { npm_config_stack: "true" }],
    ["start", [], /--refresh: npm kept it/, { npm_config_refresh: "true" }],
    ["pulumi", ["destroy"], /--stack: npm kept it/, { npm_config_stack: "staging" }],
    ["rollback", ["--stack", "prod"], /--list: npm kept it/, { npm_config_list: "true" }],
    ["rollback", ["--stack", "prod"], /--to: npm kept it/, { npm_config_token_description: "v1" }],
    [
        "rollback",
        [],
        /npm run mlops -- rollback --stack …/,
        { npm_lifecycle_event: "mlops", npm_config_stack: "x" },
    ],
    ["promote", ["--from", "a", "--to", "b"], /--yes: npm kept it/, { npm_config_yes: "true" }],
    ["deploy", ["--stack", "prod"], /--dry-run: npm kept it/, { npm_config_dry_run: "true" }],
    ["deploy", ["--stack", "prod"], /--skip-training: npm kept it/, { npm_config_skip_training: "true" }],
    ["verify", ["--stack", "prod"], /--no-retrain: npm kept it/, { npm_config_retrain: "" }],
    ["prune", ["--stack", "prod"], /--yes: npm kept it/, { npm_config_yes: "true" }],
];

function needed(options: Readonly<Record<string, Option>>): string[] {
    const all = Object.entries(options).flatMap(([name, { needed }]) => (needed ? [`--${name}`, "1"] : []));
    return all.length > 0 || !("all" in options) ? all : ["--all"];
}

describe("each command", function () {
    this.timeout("120s");
    let project: CommandProject;
    let untouched: Snapshot;
    before(() => {
        project = new CommandProject();
        project.stack("prod", []);
        project.stack("staging", []);
        untouched = project.snapshot();
    });
    after(() => project.remove());
    afterEach(() => {
        expect(project.snapshot()).to.deep.equal(untouched);
        expect(project.calls().filter((call) => call[0] !== "version")).to.deep.equal([]);
    });

    it("is a script of package.json, and so is the program", () => {
        const { scripts, bin } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as {
            scripts: Record<string, string>;
            bin: Record<string, string>;
        };
        const own = Object.entries(scripts).filter(([, script]) => script.startsWith("cli/run"));
        const expected = NAMES.map((name) => [name, `cli/run ${name}`]);
        expect(own).to.have.deep.members([["mlops", "cli/run"], ...expected]);
        expect(bin).to.deep.equal({ mlops: "cli/run" });
        const files = readdirSync(join(CHECKOUT, "cli", "commands"));
        expect(files).to.have.members(NAMES.map((name) => `${name}.ts`));
    });

    it("gives a word the kind and the meaning of value that the others give it", () => {
        const kinds = STRICT.flatMap(({ options }) =>
            Object.entries(options).map(([word, { value, path }]) => ({ word, kind: `${value}, ${path}` })),
        );
        const differing = kinds.filter(({ word, kind }) =>
            kinds.some((other) => other.word === word && other.kind !== kind),
        );
        expect(kinds).to.have.length.above(40);
        // A trainer is no stack, and docs/decisions/0003-one-command.md says why the word is the same.
        expect([...new Set(differing.map(({ word }) => word))]).to.deep.equal(["from"]);
        const old = STRICT.flatMap(({ name, options }) =>
            Object.values(options).flatMap(({ was }) => (was !== undefined && was in options ? [name] : [])),
        );
        expect(old, "an old word that is a word of today").to.deep.equal([]);
    });

    it("that changes more than files for review, or adds, has --yes and --dry-run", () => {
        const acting = STRICT.filter(({ changes }) => changes.startsWith("nothing without --yes"));
        expect(acting.map(({ name }) => name)).to.have.members([
            "deploy",
            "nodes",
            "restore",
            "rotate",
            "prune",
            "patch",
            "comment",
            "propose",
        ]);
        for (const { name, options } of acting) {
            expect(options, name).to.include.keys("yes", "dry-run");
        }
    });

    it("is told of without the libraries that only its work needs", () => {
        const told = `
            const { runProgram } = require("./cli/terminal/program.ts");
            const { VERBS } = require("./cli/verbs.ts");
            const caller = { env: {}, folder: ".", isTerminal: false };
            runProgram(VERBS, ["history", "--help"], caller).then(() => {
                const names = Object.keys(require.cache).map((it) => it.split("/node_modules/")[1] ?? "own");
                const packages = names.map((it) => it.split("/").slice(0, it.startsWith("@") ? 2 : 1).join("/"));
                console.log(JSON.stringify([...new Set(packages)]));
            });`;
        const options = ["--require", "./runtime/strip.cjs", "--eval", told];
        const loaded = execFileSync(process.execPath, options, { cwd: CHECKOUT, encoding: "utf8" });
        const packages = JSON.parse(loaded.trim().split("\n").at(-1)!) as string[];
        expect(packages).to.include("commander");
        expect(packages.filter((it) => /^(@pulumi|dockerode|zod|@octokit|yaml)/.test(it))).to.deep.equal([]);
    });

    it("says how it is used, and does nothing", async () => {
        const said = await project.mains(HELPFUL.map((script) => ({ script, args: ["--help"] })));
        for (const [at, { code, stdout, stderr }] of said.entries()) {
            const name = HELPFUL[at]!;
            expect({ code, stderr }, name).to.deep.equal({ code: 0, stderr: "" });
            expect(stdout, name).to.match(/npm (run|start|test)/);
        }
        for (const { name, changes, examples } of STRICT) {
            const text = said[HELPFUL.indexOf(name)]!.stdout;
            expect(text, name).to.include(`Changes: ${changes}.`);
            const lines = examples.map((it) => `  npm run mlops -- ${name} ${it}`.trimEnd());
            expect(text.split("\n"), name).to.include.members(lines);
        }
    });

    it("is listed by the program, and says how it was called", async () => {
        const [program, none, alias] = await project.mains([
            { script: "--help", args: [] },
            { script: "rollback", args: ["--help"], env: { npm_lifecycle_event: "mlops" } },
            { script: "rollback", args: ["--help"], env: { npm_lifecycle_event: "rollback" } },
        ]);
        expect(program!.code).to.equal(0);
        for (const { name, summary } of VERBS) {
            expect(program!.stdout)
                .to.match(new RegExp(`^ {2}${name} +\\S`, "m"))
                .and.include(summary);
        }
        expect(none!.stdout).to.match(/^Usage: npm run mlops -- rollback --stack STACK /);
        expect(alias!.stdout).to.match(/^Usage: npm run rollback -- --stack STACK /);
    });

    it("tests names its parts, and the engines that there are", async () => {
        const [refused, help] = await project.mains([
            { script: WORDS, args: ["stray"] },
            { script: WORDS, args: ["--help"] },
        ]);
        const parts = /the parts are ([\w, ]+)\./.exec(refused!.stderr)![1]!.split(", ");
        for (const it of [...parts, ...SUITES]) {
            expect(help!.stdout).to.match(new RegExp(`\\b${it}\\b`));
        }
    });

    it("has the options that the documents give it", async () => {
        const commands = documentedCommands().flatMap(({ command }) => {
            const [npm, ...words] = wordsOf(command.replace("npm run mlops -- ", "npm run "));
            const script = words[0] === "run" ? words[1] : words[0];
            return npm === "npm" && HELPFUL.includes(script!) ? [{ script: script!, words }] : [];
        });
        const said = await project.mains(commands.map(({ script }) => ({ script, args: ["--help"] })));
        const unknown = commands.flatMap(({ script, words }, at) =>
            words
                .filter((word) => /^--\w/.test(word) && !said[at]!.stdout.includes(word))
                .map((word) => `${script} ${word}`),
        );
        expect(commands).to.have.length.above(20);
        expect(unknown).to.deep.equal([]);
    });

    it("refuses what it does not know, and what contradicts itself, before anything", async () => {
        const cases = REFUSED.map(([script, args, , env]) => ({
            script,
            args,
            env: { npm_lifecycle_event: script, ...env },
        }));
        for (const [at, { code, stdout, stderr }] of (await project.mains(cases)).entries()) {
            const [name, args, says] = REFUSED[at]!;
            expect({ code, stdout }, `${name} ${args.join(" ")}`).to.deep.equal({ code: 1, stdout: "" });
            expect(stderr)
                .to.match(says)
                .and.not.match(/^ +at /m);
        }
    });

    it("that npm's own settings turn off is not refused", async () => {
        const off = { npm_config_yes: "", npm_config_all: "" };
        const [prune] = await project.mains([{ script: "prune", args: [], env: off }]);
        expect(prune!.stderr).to.match(/^\n--stack STACK or --all: one of them is needed/);
    });
});
