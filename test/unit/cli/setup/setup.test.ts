import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mergeCertificates } from "../../../../cli/setup/baseImage";
import { traceReader } from "../../../../cli/setup/buildkit";
import { CLEAN, withoutSalt } from "../../../../cli/local/checkout";
import { swarmRemedy } from "../../../../cli/setup/engine";
import { cacheFolder, toolchainKey } from "../../../../cli/local/paths";
import { withFirst } from "../../../../cli/setup/prepare";
import { run } from "../../../../cli/local/processes";
import { shellQuote } from "../../../../cli/terminal/shell";
import { duration } from "../../../../cli/terminal/steps";
import { isGoodVersion } from "../../../../cli/setup/toolchain";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("setup", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    for (const [have, need, good] of [
        ["v3.245.0", "3.245.0", true],
        ["3.246.1-alpha", "3.245.0", true],
        ["v3.245.0", "3.245.1", false],
        ["v3.99.9", "3.245.0", false],
        ["v4.0.0", "3.245.0", false],
        ["", "3.245.0", false],
    ] as const) {
        it(`takes pulumi "${have}" for ${need}: ${good}`, () => {
            expect(isGoodVersion(have, need)).to.equal(good);
        });
    }

    it("names another toolchain folder when a source or a version changes, and only then", () => {
        const versions = { pulumi: "3.245.0", docker: "5.2.0", random: "4.21.2" };
        mkdirSync(join(folder, "cli"));
        writeFileSync(join(folder, "cli", "go.mod"), "module a");
        const key = toolchainKey(folder, versions);
        expect(toolchainKey(folder, versions)).to.equal(key);
        mkdirSync(join(folder, "linters"));
        writeFileSync(join(folder, "linters", "requirements.txt"), "a==1");
        expect(toolchainKey(folder, versions)).to.equal(key);
        expect(toolchainKey(folder, { ...versions, docker: "5.3.0" })).to.not.equal(key);
        writeFileSync(join(folder, "cli", "go.mod"), "module b");
        expect(toolchainKey(folder, versions)).to.not.equal(key);
        const built = toolchainKey(folder, versions);
        mkdirSync(join(folder, "leftOut"));
        writeFileSync(join(folder, "leftOut", "module.go"), "package a");
        expect(toolchainKey(folder, versions)).to.not.equal(built);
    });

    it("takes a relative XDG folder as not set, as its specification says", () => {
        expect(cacheFolder({ XDG_CACHE_HOME: "/c" })).to.equal("/c/seismic-mlops");
        expect(cacheFolder({ XDG_CACHE_HOME: "c" })).to.match(/^\/.*\.cache\/seismic-mlops$/);
    });

    it("puts a folder on PATH once", () => {
        expect(withFirst("/a", "/b:/c")).to.equal("/a:/b:/c");
        expect(withFirst("/c", "/b:/c")).to.equal("/b:/c");
    });

    it("quotes any word for a shell", () => {
        const word = `it's $HOME "and" \`more\`\n`;
        const echoed = execFileSync("sh", ["-c", `printf %s ${shellQuote(word)}`], { encoding: "utf8" });
        expect(echoed).to.equal(word);
    });

    it("says durations as a person does", () => {
        expect([400, 9_960, 59_400, 245_000].map(duration)).to.deep.equal([
            "0.4 s",
            "10 s",
            "59 s",
            "4 min 5 s",
        ]);
    });

    it("uses an active manager and a swarmless engine, and tells what to do about the rest", () => {
        expect(swarmRemedy({ LocalNodeState: "inactive" })).to.equal(undefined);
        expect(swarmRemedy({ LocalNodeState: "active", ControlAvailable: true })).to.equal(undefined);
        expect(swarmRemedy({ LocalNodeState: "active", ControlAvailable: false })).to.contain("DOCKER_HOST");
        expect(swarmRemedy({ LocalNodeState: "locked" })).to.contain("docker swarm unlock");
        expect(swarmRemedy({ LocalNodeState: "pending" })).to.contain("state pending");
    });

    it("merges certificate bundles without repeating one", () => {
        const [a, b] = ["AAAA", "BBBB"].map(
            (body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
        );
        expect(mergeCertificates([`# one\n${a}${b}`, `${b?.replaceAll("\n", "\r\n")}${a}`])).to.equal(
            `${a}${b}`,
        );
    });

    it("reads steps, output and errors from BuildKit's status", async () => {
        const field = (number: number, body: Buffer | string): Buffer => {
            const bytes = Buffer.from(body);
            return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
        };
        const status = Buffer.concat([
            field(1, Buffer.concat([field(3, "[1/2] RUN make"), field(5, "")])),
            field(1, Buffer.concat([field(3, "[0/2] done"), field(5, ""), field(6, "")])),
            field(1, Buffer.concat([field(3, "[2/2] RUN false"), field(7, "exit code: 1")])),
            field(3, Buffer.concat([Buffer.from([3 * 8, 1]), field(4, "compiling\n\nlinking\n")])),
        ]);
        const read = await traceReader();
        expect(read(status.toString("base64"))).to.deep.equal([
            "[1/2] RUN make",
            "compiling",
            "linking",
            "exit code: 1",
        ]);
    });

    for (const [what, text, kept] of [
        [
            "a salt that protects nothing",
            "config:\n  a: 1\nencryptionsalt: v1:x=:v1:y\n",
            "config:\n  a: 1\n",
        ],
        ["no salt", "config:\n  a: 1\n", "config:\n  a: 1\n"],
        [
            "a salt that opens a secret",
            "config:\n  a:\n    secure: v1:z\nencryptionsalt: v1:x\n",
            "config:\n  a:\n    secure: v1:z\nencryptionsalt: v1:x\n",
        ],
    ] as const) {
        it(`shows git a stack file with ${what} as it should`, () => {
            expect(withoutSalt(text)).to.equal(kept);
            expect(execFileSync("sh", ["-c", CLEAN], { input: text, encoding: "utf8" })).to.equal(kept);
        });
    }

    it("ends a download that stands still, with its children", async () => {
        const pidFile = join(folder, "pid");
        const { code } = await run("sh", ["-c", `sleep 60 & echo $! > ${shellQuote(pidFile)}; wait`], {
            stall: { folder, ms: 500 },
        });
        expect(code).to.not.equal(0);
        const state = await run("ps", ["-o", "stat=", "-p", readFileSync(pidFile, "utf8").trim()]);
        expect(state.stdout.trim()).to.match(/^(Z.*)?$/);
    });
});
