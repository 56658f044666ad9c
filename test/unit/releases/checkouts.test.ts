import { execFile, execFileSync } from "node:child_process";
import { chownSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { contextFiles, contextHash } from "../../../releases/contextHash";
import { resolveRelease } from "../../../releases/release";
import { TREES } from "../../../releases/trees";
import { temporaryFolder, writeFile } from "../../support/temporaryFolder";

const run = promisify(execFile);
const LFS_POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 5\n`;

describe("checkouts", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const write = (name: string, text: string | Buffer) => writeFile(join(folder, name), text);
    const git = (...args: string[]) =>
        execFileSync(
            "git",
            [
                "-C",
                folder,
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.org",
                "-c",
                "protocol.file.allow=always",
                ...args,
            ],
            { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
        ).trim();
    const commit = () => {
        git("init", "-q", "-b", "main");
        git("add", "-A");
        git("commit", "-q", "-m", "one");
    };
    const released = async (project = folder, path = "trainer", ref?: string) =>
        resolve(project, (await resolveRelease(project, path, ref)).trainer);
    const message = async (...args: Parameters<typeof released>): Promise<string> =>
        released(...args).then(
            () => "accepted",
            (error: Error) => error.message,
        );

    describe("whose project is a folder of a repository", () => {
        let project: string;
        beforeEach(() => {
            project = join(folder, "teams", "ours");
            write(".gitignore", "node_modules/\n");
            write("trainer/Dockerfile", "FROM another-team\n");
            write("teams/ours/trainer/Dockerfile", "FROM scratch\n");
            write("teams/ours/trainer/deep/a.py", "1");
            commit();
        });

        it("release the project's trainer, not the repository's", async () => {
            expect(contextHash(await released(project, "trainer", "HEAD"))).to.equal(
                contextHash(join(project, "trainer")),
            );
        });

        it("are dirty by what changes in the project only", async () => {
            const dirty = async () => (await resolveRelease(project, "trainer", undefined)).dirty;
            write("trainer/Dockerfile", "FROM changed\n");
            write("elsewhere", "");
            expect(await dirty()).to.equal(false);
            write("teams/ours/trainer/deep/a.py", "2");
            expect(await dirty()).to.equal(true);
        });

        it("are worktrees and shallow clones as well", async () => {
            const hash = contextHash(join(project, "trainer"));
            const [worktree, clone] = [join(folder, "worktree"), join(folder, "clone")];
            git("worktree", "add", "-q", worktree, "--detach");
            git("clone", "-q", "--depth=1", `file://${folder}`, clone);
            for (const checkout of [worktree, clone]) {
                const there = join(checkout, "teams", "ours");
                expect(contextHash(await released(there, "trainer", "HEAD"))).to.equal(hash);
            }
        });
    });

    it("export a tree once, however many do so at a time, in processes of their own", async function () {
        // Each process loads Pulumi's library first.
        this.timeout("1m");
        for (let number = 0; number < 40; number++) {
            write(`trainer/${number}.py`, String(number));
        }
        write("trainer/Dockerfile", "FROM scratch\n");
        commit();
        const program = `require(${JSON.stringify(join(CHECKOUT, "runtime", "strip.cjs"))});
            const { resolveRelease } = require(${JSON.stringify(join(CHECKOUT, "releases/release.ts"))});
            for (let time = 0; time < 3; time++) {
                resolveRelease(${JSON.stringify(folder)}, "trainer", "HEAD").then(({ trainer }) => console.log(trainer));
            }`;
        const processes = [0, 1, 2].map(() => run(process.execPath, ["-e", program], { cwd: CHECKOUT }));
        const printed = (await Promise.all(processes))
            .map(({ stdout }) => stdout)
            .join("")
            .trim()
            .split("\n");
        expect(printed).to.have.length(9);
        const places = new Set(printed);
        expect([...places]).to.have.length(1);
        expect(readdirSync(join(folder, TREES))).to.have.length(1);
        expect(contextHash(join(folder, ...places))).to.equal(contextHash(join(folder, "trainer")));
    });

    it("whose owner git distrusts are refused in git's own words", async function () {
        write("trainer/Dockerfile", "FROM scratch\n");
        commit();
        if (process.getuid!() === 0) {
            chownSync(folder, 1234, 1234);
            chownSync(join(folder, ".git"), 1234, 1234);
        }
        const { GIT_TEST_ASSUME_DIFFERENT_OWNER: before } = process.env;
        process.env.GIT_TEST_ASSUME_DIFFERENT_OWNER = "1";
        try {
            for (const ref of [undefined, "HEAD"]) {
                expect(await message(folder, "trainer", ref))
                    .to.match(/dubious ownership[^]*git config --global --add safe\.directory/)
                    .and.not.match(/git init|no such tag/);
            }
        } finally {
            process.env.GIT_TEST_ASSUME_DIFFERENT_OWNER = before ?? "";
            if (before === undefined) {
                delete process.env.GIT_TEST_ASSUME_DIFFERENT_OWNER;
            }
        }
    });

    it("that are no repository are refused with a ref as well", async () => {
        expect(await message(folder, "trainer", "v1")).to.match(
            /not a git repository with a commit.*git init/,
        );
    });

    describe("with attributes", () => {
        it("of the root: a release has the bytes that the working tree has", async () => {
            write(
                ".gitattributes",
                "*.txt text eol=crlf\ntrainer/upper filter=upper\ntrainer/kept export-ignore\n",
            );
            write("trainer/Dockerfile", "FROM scratch\n");
            write("trainer/a.txt", "a\r\nb\r\n");
            write("trainer/kept", "kept");
            write("trainer/upper", "ABC");
            write("trainer/.gitattributes", "id export-subst\n");
            write("trainer/id", "$Format:%H$");
            git("init", "-q");
            git("config", "filter.upper.smudge", "tr a-z A-Z");
            git("config", "filter.upper.clean", "tr A-Z a-z");
            commit();
            const exported = await released(folder, "trainer", "HEAD");
            for (const name of contextFiles(join(folder, "trainer"))) {
                expect(readFileSync(join(exported, name), "latin1"), name).to.equal(
                    readFileSync(join(folder, "trainer", name), "latin1"),
                );
            }
        });

        for (const [what, content, says] of [
            [
                "pointer of Git LFS",
                LFS_POINTER,
                /^trainer\/deep\/model\.bin: it is a pointer of Git LFS, .*git lfs pull$/,
            ],
            [
                "file that git-crypt keeps",
                Buffer.from("\0GITCRYPT\0abc", "latin1"),
                /encrypted by git-crypt.*git-crypt unlock$/,
            ],
        ] as const) {
            it(`refuse a ${what} in place of a file, and take it once it is there`, async () => {
                write("trainer/Dockerfile", "FROM scratch\n");
                write("trainer/deep/model.bin", content);
                commit();
                expect(await message(folder)).to.match(says);
                expect(await message(folder, "trainer", "HEAD")).to.match(says);
                // The filter would do the same, once it is set up.
                write(".git/info/attributes", "model.bin filter=real\n");
                git("config", "filter.real.smudge", "sed s/.*/real/");
                expect(await message(folder, "trainer", "HEAD")).to.equal("accepted");
            });
        }
    });

    it("with a submodule in the trainer, or for one, are refused: a release has no more than its commit", async () => {
        write("other/Dockerfile", "FROM scratch\n");
        execFileSync("git", ["init", "-q", join(folder, "other")]);
        execFileSync("git", ["-C", join(folder, "other"), "add", "-A"]);
        execFileSync("git", [
            ...["-C", join(folder, "other"), "-c", "user.name=t", "-c", "user.email=t@example.org"],
            ...["commit", "-q", "-m", "one"],
        ]);
        write("trainer/Dockerfile", "FROM scratch\n");
        write(".gitignore", "/other\nnode_modules/\n");
        git("init", "-q", "-b", "main");
        git("submodule", "--quiet", "add", join(folder, "other"), "trainer/lib");
        git("submodule", "--quiet", "add", join(folder, "other"), "whole");
        commit();
        expect(await message(folder, "trainer", "HEAD")).to.match(
            /^trainer\.path: got trainer; trainer\/lib is a submodule,/,
        );
        expect(await message(folder, "whole", "HEAD")).to.match(/^trainer\.path: got whole; .* submodule/);
    });

    it("export what everybody can read, with a strict umask too", async () => {
        write("trainer/Dockerfile", "FROM scratch\n");
        write("trainer/sub/a.py", "1");
        commit();
        const umask = process.umask(0o077);
        try {
            const exported = await released(folder, "trainer", "HEAD");
            const modes = ["", "Dockerfile", "sub", "sub/a.py"].map(
                (name) => statSync(join(exported, name)).mode & 0o777,
            );
            expect(modes).to.deep.equal([0o755, 0o644, 0o755, 0o644]);
        } finally {
            process.umask(umask);
        }
    });
});
