import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { expect } from "chai";

import { judged, lineOf, parseAcceptances, unused, type Finding } from "../../../../cli/scan/findings";
import { goFindings, npmFindings, pipFindings } from "../../../../cli/scan/reports";
import { GO_MODULES } from "../../../../cli/scan/scanners";
import { CHECKOUT, filesBelow } from "../../../../cli/local/paths";

const finding = (more: Partial<Finding> = {}): Finding => ({
    where: "requirements.txt",
    package: "mlflow",
    version: "3.0.0",
    id: "PYSEC-2026-1",
    aliases: ["CVE-2026-1"],
    remedy: "fixed in 3.0.1",
    ...more,
});
const acceptance = { id: "CVE-2026-1", package: "mlflow", reason: "nobody calls it", until: "2026-06-30" };

describe("a scan's findings", () => {
    const state = (one: Finding, today: string, all = [acceptance]) => judged([one], all, today)[0]!.state;

    it("are accepted up to a day, that day included, by any of their ids", () => {
        expect(state(finding(), "2026-06-30")).to.equal("accepted");
        expect(state(finding({ id: "CVE-2026-1", aliases: [] }), "2026-01-01")).to.equal("accepted");
        expect(state(finding(), "2026-07-01")).to.equal("lapsed");
    });

    it("are open when another package or another id was accepted", () => {
        expect(state(finding({ package: "flask" }), "2026-01-01")).to.equal("open");
        expect(state(finding({ aliases: [] }), "2026-01-01")).to.equal("open");
        expect(state(finding(), "2026-01-01", [])).to.equal("open");
    });

    it("go by the longest of what was accepted", () => {
        const later = { ...acceptance, until: "2026-12-31" };
        expect(state(finding(), "2026-07-01", [acceptance, later])).to.equal("accepted");
    });

    it("are told with package, version and ids, and what was accepted with its reason and day", () => {
        const [open, accepted, lapsed] = [
            judged([finding()], [], "2026-01-01"),
            judged([finding()], [acceptance], "2026-01-01"),
            judged([finding()], [acceptance], "2027-01-01"),
        ].map(([it]) => lineOf(it!));
        const told = "requirements.txt: mlflow 3.0.0: PYSEC-2026-1, CVE-2026-1; fixed in 3.0.1";
        expect(open).to.equal(`  FAILED: ${told}`);
        expect(accepted).to.equal(`  accepted until 2026-06-30 (nobody calls it): ${told}`);
        expect(lapsed).to.equal(`  FAILED: accepted until 2026-06-30 only (nobody calls it): ${told}`);
    });

    it("that are no more leave what was accepted of them unused", () => {
        expect(unused([acceptance], [finding()])).to.deep.equal([]);
        expect(unused([acceptance], [])).to.deep.equal([acceptance]);
    });
});

describe("what is accepted", () => {
    it("is a list in the repository, which may be empty", () => {
        const file = "toolchain/scanners/accepted.yaml";
        expect(parseAcceptances(file, readFileSync(join(CHECKOUT, file), "utf8"))).to.be.an("array");
        expect(parseAcceptances("x", "# none\n")).to.deep.equal([]);
    });

    it("has an id, a package, a reason, and a day", () => {
        const text = "- id: CVE-2026-1\n  package: mlflow\n  reason: nobody calls it\n  until: 2026-06-30\n";
        expect(parseAcceptances("x", text)).to.deep.equal([acceptance]);
        for (const [from, to, problem] of [
            ["  until: 2026-06-30\n", "", /^x: 0\.until: /],
            ["2026-06-30", "soon", /^x: 0\.until: write a day: 2026-12-31$/],
            ["2026-06-30", "2026-02-30", /^x: 0\.until: write a day/],
            ["nobody calls it", "' '", /^x: 0\.reason: say why/],
            ["  package: mlflow\n", "", /^x: 0\.package: /],
            ["  reason", "  why: it\n  reason", /^x: 0: .*why/],
            ["- id", "id", /^x: /],
            ["- id", "- [id", /^x: /],
        ] as const) {
            expect(() => parseAcceptances("x", text.replace(from, to)), to).to.throw(problem);
        }
    });
});

describe("a report", () => {
    it("of pip-audit names each finding, with what mends it", () => {
        const vulns = [
            { id: "PYSEC-1", fix_versions: ["1.1", "2.0"], aliases: ["CVE-1"], description: "x" },
            { id: "PYSEC-2", fix_versions: [], aliases: [], description: "x" },
        ];
        const dependencies = [
            { name: "flask", version: "1.0", vulns },
            { name: "idna", version: "3.0", vulns: [] },
        ];
        const where = { where: "r.txt", package: "flask", version: "1.0" };
        expect(pipFindings("r.txt", JSON.stringify({ dependencies, fixes: [] }))).to.deep.equal([
            { ...where, id: "PYSEC-1", aliases: ["CVE-1"], remedy: "fixed in 1.1, 2.0" },
            { ...where, id: "PYSEC-2", aliases: [], remedy: "no version mends it yet" },
        ]);
    });

    it("of pip-audit that skips a package, or all, is none: it ends with 0 when PyPI is not reached", () => {
        const known = { name: "idna", version: "3.0", vulns: [] };
        const skipped = { name: "flask", skip_reason: "Dependency not found on PyPI: flask (1.0)" };
        for (const [dependencies, said] of [
            [[known, skipped], /^r\.txt: 1 of 2 packages were not looked up; [^]*flask \(1\.0\)$/],
            [[], /^r\.txt: 0 of 0 packages/],
        ] as const) {
            expect(() => pipFindings("r.txt", JSON.stringify({ dependencies }))).to.throw(said);
        }
    });

    it("of npm audit names what is found where it is, and not each package that it comes through", () => {
        const url = "https://github.com/advisories/GHSA-aaaa-1111-bbbb";
        const via = [
            { source: 1, name: "ws", dependency: "ws", title: "x", url, severity: "high", range: "<8.1" },
        ];
        const report = {
            auditReportVersion: 2,
            vulnerabilities: {
                ws: { name: "ws", via, fixAvailable: true },
                client: { name: "client", via: ["ws"], fixAvailable: false },
            },
        };
        expect(npmFindings("package-lock.json", JSON.stringify(report))).to.deep.equal([
            {
                ...{ where: "package-lock.json", package: "ws", version: "<8.1", aliases: [] },
                id: "GHSA-aaaa-1111-bbbb",
                remedy: "npm audit fix, or a newer direct dependency",
            },
        ]);
        const none = JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} });
        expect(npmFindings("package-lock.json", none)).to.deep.equal([]);
    });

    it("of govulncheck names what is called, once, and counts the rest", () => {
        const traces = [
            [{ module: "a", version: "v1" }],
            [{ module: "b", version: "v2" }],
            [{ module: "a", version: "v1", package: "a/x", function: "F" }, { module: "own" }],
            [{ module: "a", version: "v1", package: "a/x", function: "G" }, { module: "own" }],
        ];
        const messages = [
            { config: { protocol_version: "v1.0.0" } },
            { progress: { message: "Fetching" } },
            { osv: { id: "GO-1", aliases: ["CVE-1"] } },
            ...traces.map((trace) => ({ finding: { osv: "GO-1", fixed_version: "v3", trace } })),
        ];
        const output = messages.map((it) => `${JSON.stringify(it, null, 2)}\n`).join("");
        expect(goFindings("go.mod", output)).to.deep.equal({
            findings: [
                {
                    ...{ where: "go.mod", package: "a", version: "v1", id: "GO-1", aliases: ["CVE-1"] },
                    remedy: "fixed in v3",
                },
            ],
            uncalled: 1,
        });
    });

    for (const [what, output] of [
        ["nothing", ""],
        ["words", "Get https://vuln.go.dev: no such host\n}\n"],
        ["a registry's refusal", `${JSON.stringify({ message: "405 Method Not Allowed" }, null, 2)}\n`],
    ] as const) {
        it(`that is ${what} is none, and is no report without findings`, () => {
            for (const read of [pipFindings, npmFindings]) {
                expect(() => read("file", output)).to.throw(/^file: .*database/);
            }
            expect(() => goFindings("file", what === "a registry's refusal" ? "{\n" : output)).to.throw(
                /^file: /,
            );
        });
    }

    it("is asked of every Go module that is locked", () => {
        const toolchain = join(CHECKOUT, "toolchain");
        const locked = filesBelow(toolchain).filter((file) => file.endsWith("go.sum"));
        const modules = locked.map((file) => relative(toolchain, dirname(file)));
        expect(Object.keys(GO_MODULES).sort()).to.deep.equal(modules.sort());
    });
});
