import { execFileSync } from "node:child_process";
import { renameSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect } from "chai";

import { contextFiles, contextHash } from "../../../releases/contextHash";
import { takesKit } from "../../../releases/kit";
import { type Release, resolveRelease } from "../../../releases/release";
import { temporaryFolder, writeFile } from "../../support/temporaryFolder";

describe("the kit of a trainer", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const write = (name: string, text: string) => writeFile(join(folder, name), text);
    const git = (...args: string[]) =>
        execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
            encoding: "utf8",
        }).trim();
    const commit = () => {
        git("add", "-A");
        git("commit", "-q", "-m", "a commit");
        return git("rev-parse", "HEAD");
    };
    const asks = (dockerfile: string) => {
        write("trainer/Dockerfile", dockerfile);
        return takesKit(join(folder, "trainer"));
    };

    for (const line of [
        "COPY kit/kit ./kit",
        "copy ./kit/kit ./kit",
        "  COPY --chown=app kit/ /kit",
        "COPY --link --chmod=755 kit/tests kit/ruff.toml /kit/",
    ]) {
        it(`is taken by a Dockerfile with the line ${line}`, () => {
            expect(asks(`FROM scratch\n${line}\n`)).to.equal(true);
        });
    }

    for (const line of [
        "# COPY kit/kit ./kit",
        "COPY --from=kit kit/kit ./kit",
        "COPY toolkit/a ./kit",
        "COPY kits ./kit",
        "RUN true COPY kit/kit",
    ]) {
        it(`is not taken by a Dockerfile with the line ${line}`, () => {
            expect(asks(`FROM scratch\n${line}\n`)).to.equal(false);
        });
    }

    it("is the trainer's own where its folder has one", () => {
        write("trainer/kit/kit/own.py", "");
        expect(asks("FROM scratch\nCOPY kit/kit ./kit\n")).to.equal(false);
        expect(takesKit(join(folder, "nowhere"))).to.equal(false);
    });

    describe("in a release", () => {
        const TAKING = "FROM scratch\nCOPY kit/kit ./kit\n";
        beforeEach(() => {
            write(".gitignore", "node_modules/\n");
            write("trainer/Dockerfile", "FROM scratch\n");
            git("init", "-q", "-b", "main");
        });
        const released = (ref?: string) => resolveRelease(folder, "trainer", ref);
        const refusal = (ref?: string) =>
            released(ref).then(
                () => "accepted",
                (error: Error) => error.message,
            );
        const tagOf = ({ trainer, kit }: Release) =>
            contextHash(resolve(folder, trainer), kit === undefined ? undefined : resolve(folder, kit));

        it("is the commit's own, also while the working tree has another", async () => {
            const old = commit();
            write("trainer/Dockerfile", TAKING);
            write("kit/kit/a.py", "1");
            const first = commit();
            const tag = tagOf(await released());
            expect((await released()).kit).to.equal("kit");
            write("kit/kit/a.py", "2");
            expect(await released()).to.include({ dirty: true });
            const release = await released(first);
            expect(release.kit).to.match(/^node_modules\//);
            expect(contextFiles(resolve(folder, release.kit!))).to.deep.equal(["kit/a.py"]);
            expect(tagOf(release)).to.equal(tag);
            expect(tagOf(await released())).to.not.equal(tag);
            // A commit of before the kit is built as it was then.
            const before = await released(old);
            expect(before).to.not.have.property("kit");
            expect(tagOf(before)).to.equal(contextHash(resolve(folder, before.trainer)));
        });

        it("is refused where the tree has none, and where a link leads", async () => {
            write("trainer/Dockerfile", TAKING);
            const head = commit();
            const says =
                /^trainer\.path: got trainer, whose Dockerfile copies kit\/; \S+ \([0-9a-f]{12}\) has no such folder\. Add/;
            expect(await refusal()).to.match(says);
            expect(await refusal(head)).to.match(says);
            write("kit/kit/a.py", "1");
            renameSync(join(folder, "kit"), join(folder, "elsewhere"));
            symlinkSync("elsewhere", join(folder, "kit"));
            expect(await refusal()).to.match(/^trainer\.path: got kit, where a link leads;/);
            expect(await refusal(commit())).to.match(says);
        });

        it("is refused with a stand-in in the place of a file", async () => {
            write("trainer/Dockerfile", TAKING);
            write("kit/kit/a.py", "version https://git-lfs.github.com/spec/v1\n");
            const head = commit();
            const says = /^kit\/kit\/a\.py: it is a pointer of Git LFS/;
            expect(await refusal()).to.match(says);
            expect(await refusal(head)).to.match(says);
        });
    });
});
