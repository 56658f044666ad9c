import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { checkTrainer } from "../../../../cli/trainer/checking";
import type { Part } from "../../../../cli/trainer/lines";
import { readSource } from "../../../../cli/trainer/source";
import { ensureVenv, findPython, PYTHON_VERSION, venvKey } from "../../../../cli/trainer/venv";
import { CHECKOUT } from "../../../../cli/local/paths";
import { writeFakeTrainer } from "../../../support/fakeTrainer";
import { temporaryFolder, writeFile } from "../../../support/temporaryFolder";

const PYTHON = { file: "/python", version: `${PYTHON_VERSION}.1` };

describe("the environment of a trainer's check", () => {
    let folder: string;
    temporaryFolder((it) => (folder = it));

    /** An executable of this name, which prints a version and then fails or makes what it is asked for. */
    function python(name: string, version: string, more = "exit 1"): string {
        const file = join(folder, "bin", name);
        writeFile(file, `#!/bin/sh\n[ "$1" = -c ] && echo ${version} && exit\n${more}\n`);
        chmodSync(file, 0o755);
        return file;
    }

    it("has the version of the images, which the trainers' linters and the nightly workflow have too", () => {
        const read = (...path: string[]) => readFileSync(join(CHECKOUT, ...path), "utf8");
        const target = `target-version = "py${PYTHON_VERSION.replace(".", "")}"`;
        expect(read("kit", "ruff.toml")).to.include(target);
        expect(read(".github", "workflows", "nightly.yml")).to.include(`python-version: "${PYTHON_VERSION}"`);
    });

    it("takes the first Python of that version on PATH, or the given one", async () => {
        python("python3", "3.11.7");
        const right = python("python", "3.13.5");
        const path = join(folder, "bin");
        expect(await findPython(undefined, path)).to.deep.equal({ file: right, version: "3.13.5" });
        expect((await findPython(right)).version).to.equal("3.13.5");
    });

    it("says which Pythons there are if none has the version", async () => {
        const wrong = python("python3", "3.11.7");
        const message = async (given?: string) =>
            findPython(given, join(folder, "bin")).catch((error: Error) => error.message);
        expect(await message()).to.match(
            /^--python: \S+python3 is 3\.11\.7; the images have 3\.13\. Give the path/,
        );
        expect(await message(wrong)).to.include(`${wrong} is 3.11.7`);
        expect(await message(join(folder, "none"))).to.include("none is no Python that starts");
    });

    it("is another one for other packages, and the same for a copied lock", () => {
        const key = (text: string) => {
            writeFile(join(folder, "lock"), text);
            return venvKey(PYTHON, join(folder, "lock"));
        };
        expect(key("a==1\n    # via -r one.in\n")).to.equal(key("a==1\n    # via -r other.in\n"));
        expect(key("a==1\n")).to.not.equal(key("a==2\n"));
        expect(venvKey({ ...PYTHON, version: "3.13.2" }, undefined)).to.not.equal(venvKey(PYTHON, undefined));
    });

    it("is made once, and again if it was not finished", async () => {
        const calls = join(folder, "calls");
        const cache = join(folder, "cache");
        const make = (file: string) =>
            ensureVenv({ file, version: "3.13.5" }, undefined, () => undefined, cache);
        // The folder is the last word. A first call fails after it has made the folder.
        const file = python(
            "python",
            "3.13.5",
            `for last; do :; done; mkdir "$last" && echo made >> ${calls}; [ $(wc -l < ${calls}) -gt 1 ]`,
        );
        const refused = await make(file).catch((error: Error) => error.message);
        expect(refused).to.match(/-m venv .*: exit code 1[^]*apt-get install python3\.13-venv/);
        expect(await make(file)).to.equal(await make(file));
        expect(readFileSync(calls, "utf8")).to.equal("made\nmade\n");
    });

    it("is a line of the report, and nothing runs without it", async () => {
        const { trainer } = writeFakeTrainer(folder, "right");
        const checking = {
            source: readSource(trainer, undefined),
            python: python("python", "3.11.7"),
            data: undefined,
            limitMs: 1000,
            step: <T>(_: string, work: (report: () => void) => Promise<T>) => work(() => undefined),
        };
        const parts: Part[] = [];
        for await (const part of checkTrainer(checking)) {
            parts.push(part);
        }
        const [, environment, ...others] = parts;
        expect(environment!.lines[0]).to.deep.include({ mark: "skipped", needed: true });
        expect(environment!.lines[0]!.found).to.match(/^--python: .* is 3\.11\.7/);
        const lines = others.flatMap((part) => part.lines);
        expect(lines).to.have.length.above(40);
        expect(new Set(lines.map(({ found }) => found))).to.deep.equal(
            new Set(["there is no environment, see above"]),
        );
    });
});
