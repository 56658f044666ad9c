import { expect } from "chai";
import type { EngineEvent } from "@pulumi/pulumi/automation";

import { MARKER, renderReviews } from "../../../../cli/ci/markdown";
import { readEvents, type Preview } from "../../../../cli/ci/preview";
import { losses } from "../../../../cli/ci/stateful";

const VOLUME = "docker:index/volume:Volume";

function step(op: string, name: string, type = "docker:index/service:Service", diffs: string[] = []) {
    return {
        resourcePreEvent: {
            metadata: {
                op,
                urn: `urn:pulumi:prod::seismic-mlops::${type}::${name}`,
                type,
                provider: "",
                diffs,
            },
        },
    } as unknown as EngineEvent;
}

function says(severity: string, message: string) {
    return { diagnosticEvent: { severity, message, color: "never" } } as unknown as EngineEvent;
}

describe("the events of a preview", () => {
    it("tell of each resource that changes once, and of those that stay only how many", () => {
        const preview = readEvents([
            step("same", "seismic-mlops-prod", "pulumi:pulumi:Stack"),
            step("same", "gateway"),
            step("update", "serving", "docker:index/service:Service", ["taskSpec"]),
            step("create-replacement", "postgres-volume", VOLUME),
            step("replace", "postgres-volume", VOLUME),
            step("delete-replaced", "postgres-volume", VOLUME),
        ]);
        expect(preview.changes).to.deep.equal([
            {
                op: "update",
                type: "docker:index/service:Service",
                types: ["docker:index/service:Service"],
                name: "serving",
                properties: ["taskSpec"],
            },
            { op: "replace", type: VOLUME, types: [VOLUME], name: "postgres-volume", properties: [] },
        ]);
        expect(preview.unchanged).to.equal(2);
    });

    it("tell the properties of a detailed difference, and no value", () => {
        const event = step("update", "serving");
        Object.assign(event.resourcePreEvent!.metadata, {
            detailedDiff: { "taskSpec.containerSpec.env.TOKEN": { diffKind: "update", inputDiff: true } },
        });
        expect(readEvents([event]).changes[0]!.properties).to.deep.equal([
            "taskSpec.containerSpec.env.TOKEN",
        ]);
    });

    it("tell why it failed in the program's own words, without colours", () => {
        const { errors, warnings } = readEvents(
            [
                says("error", "<{%reset%}>release: got\u001b[31m nothing<{%reset%}>\n"),
                says("warning", "late"),
            ],
            ["command failed with code 255"],
        );
        expect(errors).to.deep.equal(["release: got nothing"]);
        expect(warnings).to.deep.equal(["late"]);
    });

    it("tell the command's words when nothing else does", () => {
        expect(readEvents([], ["no such stack"]).errors).to.deep.equal(["no such stack"]);
    });

    it("tell of what a policy refuses", () => {
        const event = {
            policyEvent: {
                policyName: "gateway-only",
                message: "serving publishes 8000",
                enforcementLevel: "mandatory",
            },
        } as unknown as EngineEvent;
        expect(readEvents([event]).errors).to.deep.equal(["policy gateway-only: serving publishes 8000"]);
    });
});

describe("what an update would lose", () => {
    it("is the data and passwords of what is replaced or deleted", () => {
        const change = (op: string, type: string) =>
            ({ op, type, types: [type], name: "x", properties: [] }) as const;
        const of = (op: string, type = VOLUME) => losses([change(op, type) as Preview["changes"][number]]);
        expect(of("replace")).to.deep.equal([
            "x would be replaced: the stack would begin with an empty one; the old one stays on the engine",
        ]);
        expect(of("delete")[0]).to.match(/^x would be deleted/);
        expect(of("delete", "random:index/randomPassword:RandomPassword")).to.have.length(1);
        expect(of("create")).to.deep.equal([]);
        expect(of("update")).to.deep.equal([]);
        expect(of("replace", "docker:index/service:Service")).to.deep.equal([]);
    });
});

describe("a review", () => {
    const serving = {
        commit: "a".repeat(40),
        ref: "v1",
        dirty: false,
        image: "seismic-mlops/trainer:1",
        version: "3",
        sha256: "",
        runId: "",
        dataSha256: "",
        trainedAt: "",
        metrics: { macroF1: 0.93126, accuracy: 0.9 },
        recipe: "",
        serving: "",
        at: "2026-01-31T16:34:00.000Z",
        by: "ann",
        why: "",
    };
    const quiet: Preview = { changes: [], unchanged: 24, warnings: [], errors: [] };

    it("begins with the mark by which the next one finds it", () => {
        expect(renderReviews([])).to.match(new RegExp(`^${MARKER}\n`));
    });

    it("says what a stack would run, what changes, and how the last release was judged", () => {
        const text = renderReviews([
            {
                stack: "prod",
                preview: {
                    ...quiet,
                    changes: [
                        {
                            op: "update",
                            type: "docker:index/service:Service",
                            types: [],
                            name: "serving",
                            properties: ["a|b"],
                        },
                        { op: "replace", type: VOLUME, types: [], name: "postgres-volume", properties: [] },
                    ],
                },
                release: {
                    next: "bbbbbbbbbbbb",
                    now: "aaaaaaaaaaaa (v1)",
                    added: ["b1 faster"],
                    removed: [],
                },
                serving,
                gate: {
                    floors: { macroF1: 0.7 },
                    bounds: { accuracy: { min: 0.8, max: 0.99 }, acc: { max: 1 } },
                },
            },
        ]);
        expect(text)
            .to.include("Release: `bbbbbbbbbbbb`, now `aaaaaaaaaaaa (v1)`.")
            .and.include("<summary>1 commit comes in</summary>")
            .and.include("b1 faster")
            .and.include("1 to update, 1 to replace, 24 unchanged.")
            .and.include("| update | `serving` | `Service` | `a\\|b` |")
            .and.include("> [!WARNING]\n> - postgres-volume would be replaced")
            .and.include(
                "Last gate: version 3, 2026-01-31 16:34:00: macroF1 0.9313, at least 0.7; " +
                    "accuracy 0.9000, at least 0.8, at most 0.99.",
            );
    });

    it("says that nothing changes", () => {
        const release = { next: "aaaaaaaaaaaa (v1)", now: "aaaaaaaaaaaa (v1)", added: [], removed: [] };
        const text = renderReviews([{ stack: "prod", preview: quiet, release }]);
        expect(text).to.include("Release: `aaaaaaaaaaaa (v1)`, as now.");
        expect(text).to.include("No resource would change (24 stay as they are).");
    });

    it("says why a preview failed, and why there is none", () => {
        const text = renderReviews([
            { stack: "staging", missing: "There is no stack staging." },
            { stack: "prod", preview: { ...quiet, unchanged: 0, errors: ["release: got nothing"] } },
        ]);
        expect(text).to.include("### staging\n\nThere is no stack staging.");
        expect(text).to.include("> [!CAUTION]\n> The preview failed.\n\n```text\nrelease: got nothing\n```");
        expect(text).not.to.include("No resource would change");
    });

    it("takes nobody's words for Markdown, and is never too long for a comment", () => {
        const evil = "@everyone <img src=x> ``` | # title";
        const many = Array.from({ length: 500 }, (_, index) => ({
            op: "create" as const,
            type: VOLUME,
            types: [],
            name: `v${index}\`|`,
            properties: Array.from({ length: 20 }, () => "x".repeat(40)),
        }));
        const text = renderReviews([
            {
                stack: "prod",
                preview: { ...quiet, changes: many, errors: [evil] },
                release: { next: "b", now: "a", added: Array.from({ length: 500 }, () => evil), removed: [] },
            },
        ]);
        expect(text).to.include(`\`\`\`\`text\n${evil}`);
        expect(text).to.include("`v0'\\|`").and.include("and 460 more.").and.include("and 470 more lines");
        expect(text.length).to.be.below(65_536);
    });
});
