import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { comment, propose, repository, type Repository } from "../../../../cli/ci/github";
import { GitHub } from "../../../support/github/github";
import { temporaryFolder } from "../../../support/temporaryFolder";

const MARKER = "<!-- mark -->";

describe("what the CI's scripts do at GitHub", () => {
    let folder: string;
    let github: GitHub;
    let at: Repository;
    temporaryFolder((made) => (folder = made));

    beforeEach(async () => {
        github = new GitHub();
        await github.start();
        at = await repository(github.environment());
    });
    afterEach(() => {
        expect(github.unknown).to.deep.equal([]);
        github.stop();
    });

    it("is one comment, which later ones take the place of, among those of others", async () => {
        for (const body of ["nice", "> <!-- mark --> quoted", "why?"]) {
            github.comments.push({ id: github.comments.length + 1, body, html_url: "" });
        }
        expect(await comment(at, 7, MARKER, `${MARKER} first`)).to.equal("https://example.test/c/4");
        expect(await comment(at, 7, MARKER, `${MARKER} second`)).to.equal("https://example.test/c/4");
        expect(github.comments.map(({ body }) => body)).to.deep.equal([
            "nice",
            "> <!-- mark --> quoted",
            "why?",
            `${MARKER} second`,
        ]);
    });

    it("is a pull request with one changed file, on a branch of its own", async () => {
        const path = "teams/ours/Pulumi.prod.yaml";
        github.branches.set("main", new Map([[path, "release: b\n"]]));
        const file = join(folder, "Pulumi.prod.yaml");
        writeFileSync(file, "release: a\n");
        const proposal = { file, path, branch: "stack/prod-1", base: "main", title: "Back to a", body: "" };
        expect(await propose(at, proposal)).to.equal("https://example.test/pull/8");
        expect(github.branches.get("stack/prod-1")!.get(path)).to.equal("release: a\n");
        expect(github.pulls).to.deep.equal([{ head: "stack/prod-1", base: "main", title: "Back to a" }]);
    });

    it("is nothing when the branch has that content already", async () => {
        github.branches.set("main", new Map([["Pulumi.prod.yaml", "release: a\n"]]));
        const file = join(folder, "Pulumi.prod.yaml");
        writeFileSync(file, "release: a\n");
        expect(
            await propose(at, {
                file,
                path: "Pulumi.prod.yaml",
                branch: "x",
                base: "main",
                title: "",
                body: "",
            }),
        ).to.equal(undefined);
        expect(github.pulls).to.deep.equal([]);
    });

    it("needs to know the repository, and a token", async () => {
        const refused = await repository({ GITHUB_REPOSITORY: "team/models", GITHUB_TOKEN: "" }).catch(
            (error: unknown) => error,
        );
        expect(String(refused)).to.match(/GITHUB_TOKEN: missing/);
    });
});
