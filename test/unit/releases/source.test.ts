import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect } from "chai";

import { contextHash } from "../../../releases/contextHash";
import { resolveRelease } from "../../../releases/release";
import { temporaryFolder, writeFile } from "../../support/temporaryFolder";

describe("source", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const write = (name: string, text: string) => writeFile(join(folder, name), text);

    describe("contextHash", () => {
        beforeEach(() => {
            write("a.py", "1");
            write("sub/b.py", "2");
        });

        const changes: [string, () => void][] = [
            ["a byte", () => write("a.py", "2")],
            ["a name", () => (rmSync(join(folder, "a.py")), write("c.py", "1"))],
            ["a folder", () => (rmSync(join(folder, "sub"), { recursive: true }), write("bus/b.py", "2"))],
            ["the right to execute", () => chmodSync(join(folder, "a.py"), 0o755)],
            ["where one file ends", () => (write("a.py", "12"), write("sub/b.py", ""))],
        ];
        for (const [what, change] of changes) {
            it(`changes with ${what}`, () => {
                const before = contextHash(folder);
                change();
                expect(contextHash(folder)).not.to.equal(before);
            });
        }

        it("is the same for the same content, written anew", () => {
            const before = contextHash(folder);
            write("a.py", "1");
            expect(contextHash(folder))
                .to.equal(before)
                .and.match(/^[0-9a-f]{16}$/);
        });

        it("leaves out what .dockerignore names", () => {
            write(".dockerignore", "**/__pycache__\n");
            const before = contextHash(folder);
            write("sub/__pycache__/b.pyc", "3");
            expect(contextHash(folder)).to.equal(before);
        });
    });

    describe("resolveRelease", () => {
        const git = (...args: string[]) =>
            execFileSync(
                "git",
                ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args],
                {
                    encoding: "utf8",
                },
            ).trim();

        beforeEach(() => {
            write(".gitignore", "node_modules/\n");
            write("trainer/Dockerfile", "FROM scratch\n");
            git("init", "-q", "-b", "main");
            git("add", "-A");
            git("commit", "-q", "-m", "one");
        });
        const message = async (project: string, ref?: string): Promise<string> =>
            resolveRelease(project, "trainer", ref).then(
                () => "accepted",
                (error: Error) => error.message,
            );

        it("takes the working tree without a ref, and says whether it is dirty", async () => {
            const clean = await resolveRelease(folder, "trainer", undefined);
            expect(clean).to.deep.equal({
                ref: "main",
                commit: git("rev-parse", "HEAD"),
                dirty: false,
                trainer: "trainer",
            });
            write("trainer/new.py", "");
            expect((await resolveRelease(folder, "trainer", undefined)).dirty).to.equal(true);
        });

        it("exports a ref's own tree, whatever the working tree holds", async () => {
            git("tag", "v1");
            write("trainer/Dockerfile", "FROM other\n");
            const release = await resolveRelease(folder, "trainer", "v1");
            expect(release.dirty).to.equal(false);
            expect(contextHash(resolve(folder, release.trainer))).not.to.equal(
                contextHash(join(folder, "trainer")),
            );
            git("checkout", "-q", "--", ".");
            expect(contextHash(resolve(folder, release.trainer))).to.equal(
                contextHash(join(folder, "trainer")),
            );
        });

        it("is the same place for the same trainer, relative to the project", async () => {
            const before = await resolveRelease(folder, "trainer", "HEAD");
            write("README", "other words");
            git("add", "-A");
            git("commit", "-q", "-m", "two");
            const after = await resolveRelease(folder, "trainer", "HEAD");
            expect(after.commit).not.to.equal(before.commit);
            expect(after.trainer)
                .to.equal(before.trainer)
                .and.match(/^node_modules\//);
        });

        it("takes another trainer's folder of the same ref", async () => {
            write("examples/tabular/Dockerfile", "FROM other\n");
            git("add", "-A");
            git("commit", "-q", "-m", "two");
            const release = await resolveRelease(folder, "examples/tabular", "HEAD");
            expect(contextHash(resolve(folder, release.trainer))).to.equal(
                contextHash(join(folder, "examples/tabular")),
            );
            const { trainer } = await resolveRelease(folder, "examples/tabular", undefined);
            expect(trainer).to.equal("examples/tabular");
        });

        it("refuses a link to a trainer's folder, in the working tree and in git", async () => {
            symlinkSync(join(folder, "trainer"), join(folder, "linked"));
            git("add", "-A");
            git("commit", "-q", "-m", "two");
            const says = async (ref?: string) =>
                resolveRelease(folder, "linked", ref).then(
                    () => "accepted",
                    (error: Error) => error.message,
                );
            expect(await says()).to.match(/^trainer\.path: got linked, where a link leads;/);
            expect(await says("HEAD")).to.match(
                /^trainer\.path: got linked; HEAD .* has no linked\/Dockerfile/,
            );
        });

        it("refuses a ref that does not exist, a tree without a trainer, and no repository", async () => {
            expect(await message(folder, "v9")).to.match(/^release: got v9; this clone has no such/);
            rmSync(join(folder, "trainer"), { recursive: true });
            write("README", "");
            git("add", "-A");
            git("commit", "-q", "-m", "two");
            expect(await message(folder, "HEAD")).to.match(
                /^trainer\.path: got trainer; HEAD \([0-9a-f]{12}\) has no trainer\/Dockerfile\. Set it to/,
            );
            rmSync(join(folder, ".git"), { recursive: true });
            expect(await message(folder)).to.match(
                /not a git repository with a commit.*git init[^]*fatal: not a git/,
            );
        });
    });
});
