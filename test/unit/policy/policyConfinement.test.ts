import { expect } from "chai";

import { container, FACTS, faults, service } from "../../support/program/policies";

describe("policies, of what confines a task", () => {
    it("dropped-capabilities refuses a task that keeps some of the engine's", () => {
        const path = "taskSpec.containerSpec.capDrops";
        const remedy = "no task here needs a capability: drop ALL (components/service/confinement.ts)";
        expect(faults(service({ capDrops: undefined }))).to.deep.equal([`${path}: got nothing; ${remedy}`]);
        expect(faults(service({ capDrops: ["NET_RAW"] }))).to.deep.equal([
            `${path}: got ["NET_RAW"]; ${remedy}`,
        ]);
        expect(faults(container({ capabilities: undefined }))).to.deep.equal([
            `capabilities.drops: got nothing; ${remedy}`,
        ]);
        expect(faults(container({ capabilities: { drops: ["ALL"], adds: [] } }))).to.deep.equal([]);
    });

    it("read-only-root refuses a task that can change the files of its image", () => {
        for (const readOnly of [undefined, false]) {
            expect(faults(service({ readOnly }))).to.have.length(1);
            expect(faults(container({ readOnly }))).to.have.length(1);
        }
        expect(faults(service({ readOnly: false }))[0]).to.match(
            /^taskSpec.containerSpec.readOnly: got false;/,
        );
    });

    it("let the writer of an earlier program stand, and no new one be made without", () => {
        const dev = { ...FACTS, environment: "dev" };
        const bare = container({ capabilities: undefined, readOnly: undefined, memory: undefined });
        const writer = { ...bare, within: ["seismic:platform:SurveyData"] };
        const kept = ["capabilities", "readOnly", "memory"];
        expect(faults({ ...writer, kept }, undefined, dev)).to.deep.equal([]);
        expect(faults(writer, undefined, dev)).to.have.length(3);
        expect(faults({ ...bare, kept }, undefined, dev)).to.have.length(3);
    });

    it("memory-limits refuses, outside prod, a task without a limit, and lets training run without", () => {
        const dev = { ...FACTS, environment: "dev" };
        const run = container({ memory: undefined });
        expect(faults(run, undefined, dev)).to.deep.equal([
            "memory: got nothing; give the part a limit in components/service/bounds.ts",
        ]);
        for (const within of ["seismic:platform:TrainingRun", "seismic:platform:Retraining"]) {
            expect(faults({ ...run, within: [within] }, undefined, dev)).to.deep.equal([]);
            // In prod nothing is exempt.
            expect(faults({ ...run, within: [within] })).to.have.length(1);
        }
    });
});
