import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { whoReleases } from "../../../releases/author";
import { temporaryFolder } from "../../support/temporaryFolder";

const run = promisify(execFile);

describe("who releases", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    it("is somebody, whatever this machine knows of its user", async () => {
        expect(await whoReleases(folder, { GITHUB_ACTOR: "ada" })).to.equal("ada");
        expect(await whoReleases(folder, { GITHUB_ACTOR: "", GITLAB_USER_LOGIN: "grace" })).to.equal("grace");
        // As in a container of CI, where the user has a number without a name, no home and no git.
        const environments = [{ USER: "runner" }, { USER: "", LOGNAME: "grace" }, {}];
        const program = `require(${JSON.stringify(join(CHECKOUT, "runtime", "strip.cjs"))});
            require("node:os").userInfo = () => { throw new Error("uv_os_get_passwd returned ENOENT"); };
            const { whoReleases } = require(${JSON.stringify(join(CHECKOUT, "releases/author.ts"))});
            Promise.all(${JSON.stringify(environments)}.map((env) => whoReleases("/", env)))
                .then((all) => console.log(all.join()));`;
        const { stdout } = await run(process.execPath, ["-e", program], {
            cwd: CHECKOUT,
            env: { PATH: "/nowhere" },
        });
        expect(stdout.trim()).to.match(/^runner@[^,]+,grace@[^,]+,uid \d+@[^,]+$/);
    });
});
