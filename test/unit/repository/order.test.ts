import { execFile } from "node:child_process";
import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { temporaryFolder, writeFile } from "../../support/temporaryFolder";

interface Cruised {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] };
}

const RULES = join(CHECKOUT, ".dependency-cruiser.cjs");

/** Imports from one file to another, and the rule that each breaks. */
const BROKEN: readonly [from: string, to: string, rule: RegExp][] = [
    ["common/a.ts", "config/b.ts", /^imports-go-down:common$/],
    ["config/a.ts", "components/stack/b.ts", /^imports-go-down:config$/],
    ["releases/a.ts", "engine/b.ts", /^imports-go-down:releases$/],
    ["engine/c.ts", "releases/b.ts", /^the-engine-stands-alone$/],
    ["components/service/a.ts", "components/gateway/b.ts", /^imports-go-down:components\/service$/],
    ["components/data/a.ts", "components/registry/b.ts", /^imports-go-down:components\/data$/],
    ["components/release/a.ts", "policy/b.ts", /^imports-go-down:components\/release$/],
    ["policy/c.ts", "cli/terminal/b.ts", /^imports-go-down:policy$/],
    ["cli/terminal/a.ts", "cli/commands/b.ts", /^imports-go-down:cli\/terminal$/],
    ["cli/stack/a.ts", "test/b.ts", /^tests-use-production-not-the-reverse$/],
    ["components/image/a.ts", "bench/b.ts", /^tests-use-production-not-the-reverse$/],
    ["test/support/a.ts", "test/e2e/b.ts", /^imports-go-down:test\/support$/],
    ["test/support/stack/a.ts", "bench/b.ts", /^imports-go-down:test\/support$/],
    ["test/unit/cli/a.ts", "test/e2e/b.ts", /^imports-go-down:test\/unit$/],
    ["test/e2e/a.ts", "test/unit/b.ts", /^imports-go-down:test\/e2e$/],
    ["test/nodes/a.ts", "test/e2e/b.ts", /^imports-go-down:test\/nodes$/],
    ["test/bench/a.ts", "bench/b.ts", /^imports-go-down:test\/bench$/],
    ["test/documentation/a.ts", "test/bench/b.ts", /^imports-go-down:test\/documentation$/],
    ["bench/a.ts", "test/e2e/b.ts", /^imports-go-down:bench$/],
    ["engine/d.ts", "node_modules/@pulumi/pulumi/index.js", /^the-engine-stands-alone$/],
    ["components/stack/a.ts", "config/load.ts", /^components-take-values$/],
    ["policy/rules/a.ts", "config/b.ts", /^policies-judge-what-is-declared$/],
    ["contract/a.ts", "common/b.ts", /^the-contract-stands-alone$/],
    ["config/c.ts", "contract/b.ts", /^imports-go-down:config$/],
    ["contract/c.ts", "engine/b.ts", /^imports-go-down:contract$/],
    ["releases/circle.ts", "releases/round.ts", /^no-circles$/],
];

describe("the order of the tree", function () {
    this.timeout("60s");
    let folder: string;
    temporaryFolder((made) => (folder = made));

    function write(file: string, text: string): void {
        writeFile(join(folder, file), text);
    }

    async function cruised(): Promise<Cruised["summary"]["violations"]> {
        const program = join(CHECKOUT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
        const args = [program, "--config", RULES, "--output-type", "json", "."];
        const { stdout } = await promisify(execFile)(process.execPath, args, {
            cwd: folder,
            maxBuffer: 2 ** 26,
        }).catch((error: { stdout: string }) => error);
        return (JSON.parse(stdout) as Cruised).summary.violations;
    }

    it("is broken by an import upwards, sideways or round", async () => {
        write("tsconfig.json", "{}");
        for (const [from, to] of BROKEN) {
            const upwards = "../".repeat(from.split("/").length - 1);
            write(from, `import "${upwards}${to.replace(/\.(ts|js)$/, "")}";\nexport const a = 1;\n`);
        }
        write("releases/round.ts", 'import "./circle";\nexport const a = 1;\n');
        for (const [, to] of BROKEN) {
            if (to !== "releases/round.ts" && !BROKEN.some(([from]) => from === to)) {
                write(to, "export const b = 1;\n");
            }
        }
        symlinkSync(join(CHECKOUT, "node_modules", "typescript"), join(folder, "node_modules", "typescript"));
        const found = await cruised();
        for (const [from, to, rule] of BROKEN) {
            const names = found.filter((it) => it.from === from && it.to === to).map((it) => it.rule.name);
            expect(
                names.filter((name) => rule.test(name)),
                `${from} -> ${to}`,
            ).to.have.length(1);
        }
    });

    it("has a place for each folder", async () => {
        const {
            default: { forbidden },
        } = (await import(RULES)) as { default: { forbidden: { name: string; from: { path?: string } }[] } };
        const placed = forbidden
            .filter(({ name }) => name.startsWith("imports-go-down:"))
            .flatMap(({ from }) => from.path ?? [])
            .map((path) => new RegExp(path));
        const folders = [
            ...["cli", "common", "components", "config", "contract", "engine", "policy", "releases"],
            ...["bench", "test"],
        ];
        const files = folders.flatMap((name) =>
            readdirSync(join(CHECKOUT, name), { recursive: true, encoding: "utf8" })
                .filter((file) => file.endsWith(".ts"))
                .map((file) => `${name}/${file}`),
        );
        expect(files).to.have.length.above(150);
        expect(files.filter((file) => !placed.some((place) => place.test(file)))).to.deep.equal([]);
    });
});
