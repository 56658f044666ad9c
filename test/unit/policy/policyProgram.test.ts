import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { Declared } from "../../../policy/declared";
import { EXEMPTIONS } from "../../../policy/exemptions";
import type { Facts } from "../../../policy/rule";
import { CONTAINER, SERVICE } from "../../../policy/tasks";
import { committedTexts, STACK_FILES } from "../../support/program/stackFiles";
import { DIGEST, FACTS, faults } from "../../support/program/policies";
import { declaredBy, headCommit } from "../../support/program/program";

/** A recipient of age. */
const AGE = "age15qwaawec3t5jtc74776fz0ydjl0kj0udruth9xpv5zg5kuxufqmqgkq4l5";

describe("policies, of what the program declares", () => {
    const everything: { declared: Declared; facts: Facts }[] = [];
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
                registry: { builtIn: true },
                backup: { recipient: AGE, schedule: "0 3 * * *", folder: backups },
            },
        ],
        [
            "Pulumi.staging.yaml with a certificate by ACME",
            "Pulumi.staging.yaml",
            { tls: { acme: "ops@example.org", hosts: ["ml.example.org"] } },
        ],
        ["Pulumi.staging.yaml with retraining", "Pulumi.staging.yaml", { retraining: { onDrift: true } }],
    ] as [title: string, file: string, more: Record<string, unknown>][];

    for (const [title, file, more] of variants) {
        it(`refuse nothing in ${title}`, async () => {
            const release = file === "Pulumi.prod.yaml" ? { release: headCommit() } : {};
            const texts = committedTexts(file, { ...more, ...release, promoteFrom: "none" });
            const all = await declaredBy(texts);
            const facts = { ...FACTS, environment: texts["seismic-mlops:environment"] };
            everything.push(...all.map((it) => ({ declared: it, facts })));
            expect(all.flatMap((it) => faults(it, undefined, facts))).to.deep.equal([]);
            expect(all.filter(({ type }) => type === SERVICE)).to.have.length.above(2);
            expect(all.filter(({ type }) => type === CONTAINER)).to.have.length(2);
        });
    }

    it("exempt nothing that the program has no use for", () => {
        for (const exemption of EXEMPTIONS) {
            const { policy, within, kept } = exemption;
            const used = everything.some(({ declared: now, facts }) => {
                const declared = kept === undefined ? now : ofEarlierProgram(now, kept);
                const elsewhere = { ...declared, within: declared.within.filter((type) => type !== within) };
                return faults(elsewhere, policy, facts).length > faults(declared, policy, facts).length;
            });
            expect(used, `${policy}: ${within}: ${exemption.given}`).to.equal(true);
        }
    });
});

/** A resource that keeps the inputs of an earlier program, which did not know one of them. */
function ofEarlierProgram(declared: Declared, kept: string): Declared {
    return { ...declared, props: { ...(declared.props as object), [kept]: undefined }, kept: [kept] };
}
