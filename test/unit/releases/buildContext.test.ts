import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { buildContext } from "../../../releases/buildContext";
import { contextHash } from "../../../releases/contextHash";
import { TREES } from "../../../releases/trees";
import { temporaryFolder } from "../../support/temporaryFolder";

describe("build contexts", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const write = (name: string, text: string) => {
        mkdirSync(join(folder, name, ".."), { recursive: true });
        writeFileSync(join(folder, name), text);
    };
    const before = process.cwd();
    beforeEach(() => process.chdir(folder));
    afterEach(() => process.chdir(before));

    for (const [what, close] of [
        ["a file", () => chmodSync(join(folder, "images/a.sh"), 0o600)],
        ["a script", () => chmodSync(join(folder, "images/sub/run"), 0o700)],
        ["a folder", () => chmodSync(join(folder, "images/sub"), 0o700)],
        ["the folder itself", () => chmodSync(join(folder, "images"), 0o750)],
    ] as const) {
        it(`build from a copy that everybody can read, of the same tag, for ${what}`, () => {
            write("images/a.sh", "1");
            write("images/sub/run", "2");
            write("images/ignored", "3");
            write("images/.dockerignore", "ignored\n");
            for (const [name, mode] of [
                ["images/sub/run", 0o755],
                ["images/sub", 0o755],
                ["images", 0o755],
                ["images/a.sh", 0o644],
            ] as const) {
                chmodSync(join(folder, name), mode);
            }
            symlinkSync("a.sh", join(folder, "images/link"));
            expect(buildContext("images")).to.equal("images");
            const tag = contextHash("images");
            close();
            const copy = buildContext("images");
            expect(copy).to.match(new RegExp(`^${TREES}/`));
            expect(contextHash(copy)).to.equal(tag);
            expect(existsSync(join(copy, "ignored"))).to.equal(false);
            const modes = ["", "a.sh", "sub", "sub/run"].map(
                (name) => statSync(join(copy, name)).mode & 0o777,
            );
            expect(modes).to.deep.equal([0o755, 0o644, 0o755, 0o755]);
            expect(buildContext(copy)).to.equal(copy);
            expect(buildContext("images")).to.equal(copy);
        });
    }

    it("hold, for an image, no more than files, links and folders", () => {
        write("images/Dockerfile", "");
        execFileSync("mkfifo", [join(folder, "images/pipe")]);
        expect(() => contextHash(join(folder, "images"))).to.throw(
            /images\/pipe: it is neither a file nor a folder/,
        );
        write("images/.dockerignore", "pipe\n");
        expect(contextHash(join(folder, "images"))).to.match(/^[0-9a-f]{16}$/);
        writeFileSync(Buffer.concat([Buffer.from(`${folder}/images/`), Buffer.from([0xe9])]), "");
        expect(() => contextHash(join(folder, "images"))).to.throw(/its name is not UTF-8; rename it/);
    });
});
