import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { buildContext } from "../../../releases/buildContext";
import { contextFiles, contextHash } from "../../../releases/contextHash";
import { TREES } from "../../../releases/trees";
import { temporaryFolder, writeFile } from "../../support/temporaryFolder";

describe("build contexts", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const write = (name: string, text: string) => writeFile(join(folder, name), text);
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

    describe("with the kit", () => {
        beforeEach(() => {
            write("trainer/Dockerfile", "FROM scratch\nCOPY kit/kit ./kit\n");
            write("trainer/.dockerignore", "**/tests\n");
            write("trainer/tests/a.py", "1");
            write("trainer/zone/a.py", "2");
            write("kit/.dockerignore", "left\n");
            write("kit/kit/a.py", "3");
            write("kit/tests/a.py", "4");
            write("kit/left", "5");
        });

        it("are one folder with the files of both, each chosen by its own rules", () => {
            const made = buildContext("trainer", "kit");
            expect(contextFiles(made)).to.deep.equal([
                "Dockerfile",
                "kit/kit/a.py",
                "kit/tests/a.py",
                "zone/a.py",
            ]);
            expect(made).to.equal(`${TREES}/${contextHash("trainer", "kit")}`);
            expect(contextHash(made)).to.equal(contextHash("trainer", "kit"));
            expect(buildContext("trainer", "kit")).to.equal(made);
        });

        it("have another tag for another kit, and for another trainer", () => {
            const tags = [contextHash("trainer"), contextHash("trainer", "kit")];
            write("kit/kit/a.py", "changed");
            tags.push(contextHash("trainer", "kit"));
            write("trainer/zone/a.py", "changed");
            tags.push(contextHash("trainer", "kit"));
            expect(new Set(tags)).to.have.length(4);
            write("kit/left", "changed");
            expect(contextHash("trainer", "kit")).to.equal(tags[3]);
        });

        it("note each use, so that no prune removes what an update builds from", () => {
            const made = buildContext("trainer", "kit");
            utimesSync(made, 1, 1);
            buildContext("trainer", "kit");
            expect(statSync(made).mtimeMs).to.be.above(1000);
        });
    });

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
