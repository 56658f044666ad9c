import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../../../../cli/local/paths";
import { startArgs } from "../../../../cli/stack/startArgs";
import { summary } from "../../../../cli/stack/summary";
import { selfSigned } from "../../../../components/gateway/certificate";
import { pytestTally, settled } from "../../../../cli/testing/tally";

const OUTPUTS = {
    apiUrl: "http://localhost:8000",
    mlflowUrl: "http://localhost:5000",
    username: "seismic",
    password: "[secret]",
    model: {
        name: "SeismicClassifier",
        version: "3",
        sha256: "0123456789abcdef",
        alias: "champion",
        metrics: { macro_f1: 0.91234 },
    },
    release: { ref: null, commit: "fedcba9876543210", dirty: false },
};

describe("npm start", () => {
    for (const [given, stack, up] of [
        [[], "dev", ["--stack", "dev", "--yes"]],
        [["--stack", "qa"], "qa", ["--stack", "qa", "--yes"]],
        [["-s=qa", "--diff"], "qa", ["-s=qa", "--diff", "--yes"]],
        [["--preview-only"], "dev", ["--preview-only", "--stack", "dev"]],
        [["-f", "-s", "qa"], "qa", ["-f", "-s", "qa"]],
    ] as const) {
        it(`takes "${given.join(" ")}" as pulumi up does`, () => {
            expect(startArgs(given)).to.deep.equal({ stack, up: [...up, "--suppress-outputs"] });
        });
    }

    it("tells the addresses, the model with its metrics, the password's command and a prediction", () => {
        const text = summary(OUTPUTS, "dev", "/my checkout");
        expect(text).to.contain("SeismicClassifier version 3 (champion), sha256 0123456789ab");
        expect(text).to.contain("macro_f1 0.9123");
        expect(text).to.contain("http://localhost:5000");
        expect(text).to.contain(
            `npm --prefix '/my checkout' run -s pulumi -- stack output password --show-secrets --stack 'dev'`,
        );
        expect(text).to.match(/curl .*\/sample \| curl .*-d @- http:\/\/localhost:8000\/predict/);
    });

    it("names the pages of what observes the stack, where there are any", () => {
        const observed = {
            statusUrl: "http://localhost:8000/status",
            prometheusUrl: "http://localhost:9090",
        };
        expect(summary({ ...OUTPUTS, ...observed }, "dev", "/c"))
            .to.contain("  Status    http://localhost:8000/status\n")
            .and.contain("  Metrics   http://localhost:9090\n")
            .and.not.contain("Alerts");
    });

    it("says how to trust a certificate of the stack's own, and nothing of one that an authority signed", async () => {
        const pem = await selfSigned(["localhost"]);
        const text = summary(
            { ...OUTPUTS, certificate: pem.slice(0, pem.indexOf("-----BEGIN PRIVATE")) },
            "dev",
            "/c",
        );
        expect(text).to.contain("run -s pulumi -- stack output certificate --stack 'dev' > 'dev.pem'\n");
        expect(text).to.match(/curl -fsS --cacert 'dev\.pem' .*\/sample \| curl -fsS --cacert 'dev\.pem' /);
        expect(summary(OUTPUTS, "dev", "/c")).not.to.match(/cacert|authority/);
    });

    it("says which output is not as it should be", () => {
        expect(() => summary({ ...OUTPUTS, apiUrl: 1 }, "dev", "/c")).to.throw(/Stack dev: [\s\S]*apiUrl/);
    });
});

describe("npm test", () => {
    for (const [output, passed, failed] of [
        ["....\n4 passed in 0.12s", 4, 0],
        ["1 failed, 3 passed, 2 skipped, 1 warning in 61.20s (0:01:01)", 3, 3],
        ["2 passed, 1 error in 3.00s", 2, 1],
        ["======== 3 errors in 0.50s ========", 0, 3],
    ] as const) {
        it(`reads "${output.split("\n").at(-1)}"`, () => {
            expect(pytestTally(output)).to.deep.equal({ passed, failed });
        });
    }

    it("counts a part as failed that ran nothing, or ended badly with every test passed", () => {
        expect(pytestTally("Segmentation fault")).to.equal(undefined);
        expect(settled(undefined, 139)).to.deep.equal({ passed: 0, failed: 1 });
        expect(settled({ passed: 0, failed: 0 }, 0)).to.deep.equal({ passed: 0, failed: 1 });
        expect(settled({ passed: 5, failed: 0 }, 1)).to.deep.equal({ passed: 5, failed: 1 });
        expect(settled({ passed: 5, failed: 2 }, 2)).to.deep.equal({ passed: 5, failed: 2 });
    });
});

describe("stack files", () => {
    const files = readdirSync(CHECKOUT).filter((name) => /^Pulumi\.(dev|staging|prod)\.yaml$/.test(name));

    for (const file of files) {
        // Pulumi writes these files again when they are first used. Any other layout would appear in `git status`.
        it(`${file} is laid out as Pulumi writes it`, () => {
            const [, body = ""] = readFileSync(join(CHECKOUT, file), "utf8").split(/^config:\n/m);
            expect(body, "blank lines below config:").to.not.match(/^\s*\n/m);
            expect(body, "spaces inside { } or [ ]").to.not.match(/^[^#\n]*[{[] |^[^#\n]* [}\]]/m);
            expect(body, "true, false or a number without quotes").to.not.match(
                /^  \S+: (true|false|[\d.]+)$/m,
            );
            expect(body, "indentation other than 2 spaces a level").to.not.match(/^(?:  )* [^ \n]/m);
        });
    }
});
