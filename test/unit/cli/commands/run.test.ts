import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../../cli/local/paths";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("cli/run, which is the program's bin", function () {
    this.timeout("30s");
    let folder: string;
    temporaryFolder((made) => (folder = realpathSync(made)));

    /** A checkout with a program that prints its folder and its arguments. */
    function checkout(): string {
        const root = join(folder, "checkout");
        ["cli", "runtime", "node_modules"].forEach((it) => mkdirSync(join(root, it), { recursive: true }));
        cpSync(join(CHECKOUT, "cli", "run"), join(root, "cli", "run"));
        writeFileSync(join(root, "runtime", "strip.cjs"), "");
        writeFileSync(
            join(root, "cli", "mlops.ts"),
            "console.log(JSON.stringify([process.cwd(), process.env.MLOPS_CALLED_IN, process.argv.slice(2)]));",
        );
        for (const file of ["package-lock.json", "node_modules/.installed-package-lock.json"]) {
            writeFileSync(join(root, file), "{}");
        }
        return root;
    }

    it("is called by a link from anywhere, and runs in its checkout", () => {
        const root = checkout();
        const away = join(folder, "away");
        mkdirSync(away);
        symlinkSync(join(root, "cli", "run"), join(away, "mlops"));
        const said = execFileSync("./mlops", ["rollback", "--why", "two words"], { cwd: away });
        expect(JSON.parse(said.toString())).to.deep.equal([root, away, ["rollback", "--why", "two words"]]);
    });

    it("has paths begin where it was called", () => {
        const called = { ...process.env, MLOPS_CALLED_IN: join(folder, "away") };
        const program = ["--require", "./runtime/strip.cjs", "cli/mlops.ts"];
        const { status, stderr } = spawnSync(
            process.execPath,
            [...program, "restore", "--stack", "prod", "--backup", "nowhere", "--dry-run"],
            { cwd: CHECKOUT, env: called, encoding: "utf8" },
        );
        expect(status).to.equal(1);
        expect(stderr).to.match(/--backup: got .*\/away\/nowhere, which has no manifest\.json/);
    });
});
