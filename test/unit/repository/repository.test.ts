import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { CHECKOUT } from "../../../cli/local/paths";

/** The names of lock files, with the ecosystem that updates them. */
const LOCKED: Readonly<Record<string, string>> = {
    "package-lock.json": "npm",
    "requirements.txt": "pip",
    "go.sum": "gomod",
};
const DOCUMENTS = ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", ".github/pull_request_template.md"];

/** Folders whose files are one list that a reader looks up by name: docs/decisions/0001-order-of-the-tree.md. */
const LISTS = ["test/e2e", ".", "cli/commands", "cli/work", "docs", "docs/decisions"];
const MOST_FILES = 15;
const MOST_LINES = 250;

interface Update {
    "package-ecosystem": string;
    directory?: string;
    directories?: string[];
}

describe("the repository's files", () => {
    const read = (file: string) => readFileSync(join(CHECKOUT, file), "utf8");
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: CHECKOUT })
        .toString()
        .split("\n")
        .filter((file) => existsSync(join(CHECKOUT, file)));

    it("are of a size that a reader takes in at once, and so are their folders", () => {
        const code = files.filter((file) => /\.(ts|[cm]?js|py|go|sh)$/.test(file));
        expect(code).to.have.length.above(500);
        const lines = (file: string) => read(file).split("\n").length - 1;
        expect(code.filter((file) => lines(file) > MOST_LINES)).to.deep.equal([]);
        const held = new Map<string, number>();
        for (const folder of files.filter((file) => !/__(init|main)__\.py$/.test(file)).map(dirname)) {
            held.set(folder, (held.get(folder) ?? 0) + 1);
        }
        const full = [...held].filter(([folder, count]) => count > MOST_FILES && !LISTS.includes(folder));
        expect(full).to.deep.equal([]);
    });

    it("have every lock file updated, and no folder that holds none", () => {
        const { updates } = parse(read(".github/dependabot.yml")) as { updates: Update[] };
        const updated = updates
            .filter((update) => Object.values(LOCKED).includes(update["package-ecosystem"]))
            .flatMap((update) =>
                (update.directories ?? [update.directory!]).map(
                    (it) => `${update["package-ecosystem"]} ${it}`,
                ),
            );
        const locked = files.flatMap((file) => {
            const ecosystem = LOCKED[file.split("/").at(-1)!];
            return ecosystem === undefined ? [] : [`${ecosystem} /${dirname(file).replace(/^\.$/, "")}`];
        });
        expect(updated.sort()).to.deep.equal(locked.sort());
    });

    it("have each bench run by a test, shortened", () => {
        const benches = [...read("package.json").matchAll(/"bench:(\w+)"/g)].map(([, name]) => name!);
        expect(benches).to.have.length.above(2);
        const run = read("test/support/bench/benches.ts");
        for (const name of [...benches, "bench/features.py"]) {
            expect(run).to.include(`"${name}"`);
        }
        // A script of package.json, or another bench, names each file, so each file is run.
        const texts = files.filter((file) =>
            /^bench\/|^package\.json$|^test\/support\/bench\/benches\.ts$/.test(file),
        );
        const runs = (file: string) =>
            texts.some((it) => it !== file && read(it).includes(file.replace(/^bench\/|\.\w+$/g, "")));
        expect(files.filter((file) => file.startsWith("bench/") && !runs(file))).to.deep.equal([]);
    });

    it("name paths in CODEOWNERS that are there", () => {
        const paths = [...read(".github/CODEOWNERS").matchAll(/^\/(\S+)/gm)].map(([, path]) => path!);
        expect(paths).to.not.be.empty;
        const present = (path: string) =>
            path.startsWith("*")
                ? files.some((file) => !file.includes("/") && file.endsWith(path.slice(1)))
                : existsSync(join(CHECKOUT, path));
        expect(paths.filter((path) => !present(path))).to.deep.equal([]);
    });

    it("have owners where what they hold runs in production, or deploys it", () => {
        const owned = [...read(".github/CODEOWNERS").matchAll(/^\/(\S+)/gm)].map(([, path]) => path!);
        const isOwned = (file: string) =>
            owned.some((path) =>
                path.startsWith("*")
                    ? !file.includes("/") && file.endsWith(path.slice(1))
                    : path.endsWith("/")
                      ? file.startsWith(path)
                      : file === path,
            );
        const free =
            /^(bench|docs|examples|test|\.devcontainer)\/|^Pulumi\.(dev|staging)\.yaml$|\.md$|^\.[\w-]+$|^\.\w+\.json$/;
        const others = [".dependency-cruiser.cjs", "LICENSE", "eslint.config.mjs", "tsconfig.json"];
        const unowned = files.filter((file) => file !== "" && !isOwned(file) && !free.test(file));
        expect(unowned.filter((file) => !others.includes(file))).to.deep.equal([]);
    });

    it("install nothing in an image, or in a workflow, that is not locked by its hash", () => {
        const recipes = files.filter((file) =>
            /(^|\/)Dockerfile$|^\.github\/.*\.ya?ml$|^toolchain\/.*\.sh$/.test(file),
        );
        expect(recipes).to.have.length.above(8);
        for (const file of recipes) {
            const lines = read(file).replaceAll("\\\n", " ").split("\n");
            const installs = lines
                .flatMap((line) => line.split("&&"))
                .filter((it) => /\bpip3? install\b/.test(it));
            expect(
                installs.filter((it) => !it.includes("--require-hashes")),
                file,
            ).to.deep.equal([]);
        }
    });

    it("lock each feature of the dev container at the version that it names", () => {
        const features = (file: string) => {
            const { features } = parse(read(`.devcontainer/${file}`)) as {
                features: Record<string, unknown>;
            };
            return features;
        };
        const locked = Object.entries(features("devcontainer-lock.json")).map(([name, lock]) => {
            const { version, resolved, integrity } = lock as Record<string, string>;
            expect(name).to.match(new RegExp(`:${version}$`));
            expect(resolved).to.match(new RegExp(`@${integrity}$`));
            return name;
        });
        const declared = read(".devcontainer/devcontainer.json").match(/"[\w./-]+\/features\/[\w:.-]+"/g);
        expect(declared?.map((it) => it.slice(1, -1)).sort()).to.deep.equal(locked.sort());
    });

    for (const document of DOCUMENTS) {
        it(`${document} has links and commands that lead somewhere`, () => {
            const text = read(document);
            const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
            const missing = links.filter((link) => !existsSync(join(CHECKOUT, dirname(document), link)));
            expect(missing).to.deep.equal([]);
            const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
            const commands = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name!);
            expect(commands.filter((name) => !(name in scripts))).to.deep.equal([]);
        });
    }
});
