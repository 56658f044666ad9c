import { readdirSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { wordsOf } from "../../../support/commandWords";
import { documentedCommands } from "../../../support/documentedCommands";
import { CommandProject, type Snapshot } from "../../../support/commands/project";

const SCRIPTS = readdirSync(join(__dirname, "..", "..", "..", "..", "cli", "work"))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => name.replace(".ts", ""));
/** Hands its whole command line to Pulumi. */
const THROUGH = "pulumi";
/** Takes words: the parts of the tests. */
const WORDS = "test";
const STRICT = SCRIPTS.filter((name) => name !== THROUGH);

/** What each command line is refused for. */
const REFUSED: readonly [script: string, args: readonly string[], says: RegExp, env?: NodeJS.ProcessEnv][] = [
    ...STRICT.map((name) => [name, ["stray"], /stray/] as [string, string[], RegExp]),
    ...STRICT.filter((name) => name !== "start" && name !== WORDS).map(
        (name) => [name, ["--stak"], /Unknown option '--stak'/] as [string, string[], RegExp],
    ),
    ["rollback", ["--stack", "prod", "--list", "--yes"], /--list and --yes: give one of them/],
    ["rollback", ["--stack", "prod", "--list", "--to", "v1"], /--list: it changes nothing/],
    ["rollback", ["--stack", "prod", "--list", "--why", "x"], /--list: it changes nothing/],
    ["rollback", ["--stack", "prod", "--to", ""], /--to: got nothing/],
    ["rollback", ["--stack", "prod", "--stack", "staging"], /--stack: given twice/],
    ["prune", ["--stack", "prod", "--all"], /--stack STACK or --all/],
    ["prune", ["--stack", "prod", "--keep-runs", "1.5"], /--keep-runs: got 1.5; give a whole number from 0/],
    ["start", ["--stack"], /--stack: missing/],
    ["start", ["--stack", "a", "-s", "b"], /--stack: given twice/],
    ["start", ["up", "--stack", "staging"], /got up, which is no option/],
    // npm keeps what stands before --, and tells it by variables.
    ["start", [], /--stack: npm kept it.*npm run start -- --stack/, { npm_config_stack: "staging" }],
    ["start", ["staging"], /--stack: npm kept it/, { npm_config_stack: "true" }],
    ["start", [], /--refresh: npm kept it/, { npm_config_refresh: "true" }],
    ["pulumi", ["destroy"], /--stack: npm kept it/, { npm_config_stack: "staging" }],
    ["rollback", ["--stack", "prod"], /--list: npm kept it/, { npm_config_list: "true" }],
    ["rollback", ["--stack", "prod"], /--to: npm kept it/, { npm_config_token_description: "v1" }],
    ["promote", ["--from", "a", "--to", "b"], /--yes: npm kept it/, { npm_config_yes: "true" }],
    ["deploy", ["--env", "prod"], /--dry-run: npm kept it/, { npm_config_dry_run: "true" }],
    ["deploy", ["--env", "prod"], /--skip-training: npm kept it/, { npm_config_skip_training: "true" }],
    ["verify", ["--stack", "prod"], /--no-retrain: npm kept it/, { npm_config_retrain: "" }],
    ["prune", ["--stack", "prod"], /--yes: npm kept it/, { npm_config_yes: "true" }],
];

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

    it("says how it is used, and does nothing", async () => {
        const said = await project.mains(STRICT.map((script) => ({ script, args: ["--help"] })));
        for (const [at, { code, stdout, stderr }] of said.entries()) {
            const name = STRICT[at]!;
            expect({ code, stderr }, name).to.deep.equal({ code: 0, stderr: "" });
            expect(stdout, name).to.match(/npm (run|start|test)/);
        }
    });

    it("has the options that the documents give it", async () => {
        const commands = documentedCommands().flatMap(({ command }) => {
            const [npm, ...words] = wordsOf(command);
            const script = words[0] === "run" ? words[1] : words[0];
            return npm === "npm" && STRICT.includes(script!) ? [{ script: script!, words }] : [];
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
