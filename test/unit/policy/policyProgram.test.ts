import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { Declared } from "../../../policy/declared";
import { EXEMPTIONS } from "../../../policy/exemptions";
import { CONTAINER, SERVICE } from "../../../policy/tasks";
import { committedTexts, STACK_FILES } from "../../support/program/stackFiles";
import { DIGEST, FACTS, faults } from "../../support/program/policies";
import { declaredBy, headCommit } from "../../support/program/program";

/** A recipient of age. */
const AGE = "age15qwaawec3t5jtc74776fz0ydjl0kj0udruth9xpv5zg5kuxufqmqgkq4l5";

describe("policies, of what the program declares", () => {
    const everything: Declared[] = [];
    const backups = mkdtempSync(join(tmpdir(), "seismic-backups-"));
    before(() => chmodSync(backups, 0o777));
    after(() => rmSync(backups, { recursive: true }));
    const variants = [
        ...STACK_FILES.map((file) => [file, file, {}]),
        [
            "Pulumi.prod.yaml with all that can be asked for",
            "Pulumi.prod.yaml",
            {
                grafana: { image: `grafana/grafana:12.3.0@${DIGEST}` },
                summary: { enabled: true, image: `ollama/ollama:0.12.6@${DIGEST}` },
                retraining: { onDrift: true },
                backup: { recipient: AGE, schedule: "0 3 * * *", folder: backups },
            },
        ],
    ] as [title: string, file: string, more: Record<string, unknown>][];

    for (const [title, file, more] of variants) {
        it(`refuse nothing in ${title}`, async () => {
            const release = file === "Pulumi.prod.yaml" ? { release: headCommit() } : {};
            const texts = committedTexts(file, { ...more, ...release, promoteFrom: "none" });
            const all = await declaredBy(texts);
            everything.push(...all);
            const environment = texts["seismic-mlops:environment"];
            expect(all.flatMap((it) => faults(it, undefined, { ...FACTS, environment }))).to.deep.equal([]);
            expect(all.filter(({ type }) => type === SERVICE)).to.have.length.above(2);
            expect(all.filter(({ type }) => type === CONTAINER)).to.have.length(2);
        });
    }

    it("exempt nothing that the program has no use for", () => {
        for (const exemption of EXEMPTIONS) {
            const { policy, within } = exemption;
            const used = everything.some((it) => {
                const elsewhere = { ...it, within: it.within.filter((type) => type !== within) };
                return faults(elsewhere, policy).length > faults(it, policy).length;
            });
            expect(used, `${exemption.policy}: ${exemption.given}`).to.equal(true);
        }
    });
});
