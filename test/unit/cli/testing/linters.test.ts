import { expect } from "chai";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CHECKOUT } from "../../../../cli/local/paths";
import { findOnPath, LINTERS, pinnedVersion } from "../../../../cli/testing/linters";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("linters", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    /** A folder for PATH, with an executable that prints this. */
    function saying(output: string): string {
        const bin = join(folder, String(Math.random()));
        mkdirSync(bin);
        writeFileSync(join(bin, "linter"), `#!/bin/sh\n[ "$1" = --version ] && echo '${output}'\n`, {
            mode: 0o755,
        });
        return bin;
    }

    it("are taken from PATH at the pinned version, wherever they state it", async () => {
        const older = saying("linter 1.7.1");
        const newer = saying("1.7.120");
        const same = saying("Linter - analysis\nversion: 1.7.12\nbuilt with go1.26.8");
        const path = [older, newer, same].join(delimiter);
        expect(await findOnPath("linter", "1.7.12", path)).to.equal(join(same, "linter"));
        expect(await findOnPath("linter", "1.7.13", path)).to.equal(undefined);
    });

    for (const linter of LINTERS) {
        it(`${linter} has one version, which its file in toolchain/linters states`, () => {
            expect(pinnedVersion(linter)).to.match(/^\d+\.\d+\.\d+$/);
        });
    }

    it("ruff is of the version that the trainer's image has", () => {
        const requirements = readFileSync(join(CHECKOUT, "trainer", "requirements-test.txt"), "utf8");
        expect(/^ruff==(\S+)/m.exec(requirements)?.[1]).to.equal(pinnedVersion("ruff"));
    });
});
