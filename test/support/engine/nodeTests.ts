import { expect } from "chai";

import type { NodeFacts } from "../../../cli/upkeep/nodes";
import { fails, succeeds } from "../expectations";
import type { TestStack } from "../stack/stack";

/** `nodes` with a stack that runs. Afterwards, the node has the labels that it had before. */
export function nodeTests(stackOf: () => TestStack): void {
    const nodes = (...words: string[]) => stackOf().script("nodes", ...words);
    const label = (id: string, word: string, how: string) =>
        nodes("label", id, word, "--stack", stackOf().name, how);
    const facts = async () => {
        const { output } = await nodes("list", "--json", "--stack", stackOf().name);
        return JSON.parse(output.slice(output.indexOf("["))) as NodeFacts[];
    };

    it("shows its node, with the stack's services there, and labels it when it is told to", async () => {
        const service = stackOf().engine.physical("serving");
        for (const listed of [await nodes(), await nodes("--stack", stackOf().name)]) {
            succeeds(listed);
            expect(listed.output)
                .to.match(/ ready +leader /)
                .and.include(service);
        }
        const [node] = await facts();
        const { id, name, labels, runs } = node!;
        expect(runs.map((it) => it.service)).to.include(service);

        const { disk: before, ...others } = labels;
        try {
            succeeds(await label(id, "disk-", "--yes"));
            const shown = await label(id, "disk=fast", "--dry-run");
            succeeds(shown);
            expect(shown.output).to.include(`${name}: disk: nothing -> fast`).and.include("--yes");
            expect((await facts())[0]!.labels).to.deep.equal(others);
            succeeds(await label(id, "disk=fast", "--yes"));
            expect((await facts())[0]!.labels).to.deep.equal({ ...others, disk: "fast" });
        } finally {
            succeeds(await label(id, before === undefined ? "disk-" : `disk=${before}`, "--yes"));
        }
        expect((await facts())[0]!.labels).to.deep.equal(labels);
        fails(await label("nowhere", "a=b", "--yes"), "got nowhere, which is no node");
    });
}
