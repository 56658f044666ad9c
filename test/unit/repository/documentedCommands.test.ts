import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { RAN_FOLDER } from "../../../cli/testing/commandsRun";
import { CHECKOUT } from "../../../cli/local/paths";
import { settled, wordsOf } from "../../support/pages/commandWords";
import { documentedCommands, notRun, runAfterAll } from "../../support/pages/documentedCommands";
import { renameByTheGuide } from "../../support/stack/otherProject";
import { TestProject } from "../../support/stack/project";
import { readRan } from "../../support/ran";
import { temporaryFolder } from "../../support/temporaryFolder";

const run = promisify(execFile);

/** Commands of pages, and the commands that tests run for them. */
const SAME: readonly [documented: string, started: string[]][] = [
    ["npm start", ["npm", "start", "--", "--stack", "e2e-1a2b-staging"]],
    ["npm run rotate -- --stack prod", ["npm", "run", "rotate", "--", "--stack", "e2e-1a2b"]],
    [
        "npm run restore -- --stack prod --backup backups/prod-2026 --overwrite --yes",
        ["npm", "run", "restore", "--", "--stack", "x", "--overwrite", "--yes", "--backup", "/tmp/b/x"],
    ],
    [
        "npm run mlops -- rollback --stack prod --list",
        ["npm", "run", "rollback", "--", "--stack", "x", "--list"],
    ],
    ['npm run drift -- --stack "$STACK"', ["npm", "run", "drift", "--", "--stack", "prod"]],
    ["pulumi up --stack dev", ["pulumi", "up", "--yes", "--skip-preview", "--stack", "x"]],
    [
        "pulumi preview --policy-pack policy --stack prod",
        ["pulumi", "preview", "--stack", "x", "--policy-pack", "policy"],
    ],
    ["pulumi stack init wine", ["pulumi", "stack", "init", "x"]],
    ["pulumi stack rm --yes try", ["pulumi", "stack", "rm", "--yes", "x"]],
    [
        "pulumi config set --path data.path '../my-survey' --stack dev",
        ["pulumi", "config", "set", "--stack", "x", "--path", "data.path", "../my-survey"],
    ],
];

const OTHERS: readonly [documented: string, started: string[]][] = [
    ["npm run prune -- --stack prod --yes", ["npm", "run", "prune", "--", "--stack", "prod"]],
    ["npm run prune -- --all", ["npm", "run", "prune", "--", "--stack", "prod"]],
    ["npm run doctor", ["npm", "run", "doctor", "--", "--json"]],
    ["pulumi up --stack dev", ["pulumi", "preview", "--stack", "dev"]],
    ["pulumi stack output --stack dev", ["pulumi", "stack", "output", "--json", "--stack", "dev"]],
    ["pulumi stack init wine", ["pulumi", "stack", "rm", "wine"]],
    [
        "pulumi config set --path data.path a --stack dev",
        ["pulumi", "config", "set", "--stack", "dev", "--path", "data.path", "b"],
    ],
];

describe("a documented command", () => {
    for (const [documented, started] of SAME) {
        it(`${documented}: is run by ${started.join(" ")}`, () => {
            expect(settled(started)).to.equal(settled(wordsOf(documented)));
        });
    }
    for (const [documented, started] of OTHERS) {
        it(`${documented}: is not run by ${started.join(" ")}`, () => {
            expect(settled(started)).not.to.equal(settled(wordsOf(documented)));
        });
    }

    it("that no test ran is named with its page", () => {
        const documented = documentedCommands(["docs/policies.md"]);
        const preview = settled(["pulumi", "preview", "--policy-pack", "policy", "--stack", "x"]);
        expect(notRun(documented, new Set([preview]))).to.deep.equal([
            {
                page: "docs/policies.md",
                heading: "Policies",
                command: "pulumi up --policy-pack policy --stack prod",
            },
        ]);
    });

    it("that one line joins to another is one of its own", () => {
        const commands = documentedCommands(["docs/backends.md"]).map(({ command }) => command);
        expect(commands).to.include.members(["pulumi stack export --stack try --file try.json"]);
    });

    it("that is said to have no test is told when one runs it", () => {
        const documented = documentedCommands(["CONTRIBUTING.md"]);
        expect(runAfterAll(documented, new Set(["npm run setup"]))).to.deep.equal([]);
        const found = runAfterAll(documented, new Set(["npm test"]));
        expect(found.map(({ command }) => command)).to.deep.equal(["npm test"]);
    });
});

describe("what tests ran", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    /** Runs suites from these texts, and keeps the commands that they ran. */
    const ranBy = async (suites: readonly string[], ...options: string[]) => {
        const kept = join(folder, "kept");
        mkdirSync(kept);
        const files = suites.map((body, at) => {
            const file = join(folder, `suite${at}.test.ts`);
            const imports = `import { ran } from ${JSON.stringify(join(CHECKOUT, "test", "support", "ran"))};\n`;
            writeFileSync(file, imports + body);
            return file;
        });
        const mocha = join("node_modules", "mocha", "bin", "mocha.js");
        await run(process.execPath, [mocha, ...options, ...files], {
            cwd: CHECKOUT,
            env: { ...process.env, [RAN_FOLDER]: kept },
        }).catch((error: { code: number }) => error.code);
        return { files: readdirSync(kept), ran: readRan(kept) };
    };

    it("is kept with the test's name where it passed, and not where it failed, nor of hooks around it", async () => {
        const suite = `describe("suite", () => {
            before(() => ran("npm", "run", "before"));
            after(() => ran("npm", "run", "after"));
            it("passes", () => ran("npm", "run", "good", "--", "--stack", "x"));
            it("fails", () => { ran("npm", "run", "bad"); throw new Error("broken"); });
            it.skip("is left out", () => ran("npm", "run", "skipped"));
        });`;
        const { ran } = await ranBy([suite]);
        expect(ran).to.deep.equal([{ command: "npm run good", test: "suite passes" }]);
    }).timeout("60s");

    it("is kept whole where suites run side by side", async () => {
        const suite = (name: string) => `describe("${name}", () => {
            for (let at = 0; at < 50; at++) { it(String(at), () => ran("npm", "run", "${name}", String(at))); }
        });`;
        const { files, ran } = await ranBy([suite("a"), suite("b")], "--parallel", "--jobs", "2");
        expect(ran.map(({ command }) => command)).to.have.members(
            ["a", "b"].flatMap((name) => Array.from({ length: 50 }, (_, at) => `npm run ${name} ${at}`)),
        );
        expect(files).to.have.length(2);
    }).timeout("60s");
});

describe("the guide to a name of one's own", () => {
    it("changes the project's name, in the files that have it, and nothing else", () => {
        const project = new TestProject();
        const texts = ["Pulumi.yaml", "Pulumi.prod.yaml"].map((name) => project.read(name));
        renameByTheGuide(project);
        const changed = project.status().split("\n");
        const name = project.pulumiName;
        const back = ["Pulumi.yaml", "Pulumi.prod.yaml"].map((file) =>
            project.read(file).replaceAll(name, "seismic-mlops"),
        );
        project.remove();
        expect(changed.map((line) => line.trim())).to.have.members(
            ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "Pulumi.staging.yaml"].map(
                (it) => `M ${it}`,
            ),
        );
        expect(back).to.deep.equal(texts);
    }).timeout("60s");
});
