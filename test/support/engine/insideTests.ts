import { expect } from "chai";

import { registryNetwork } from "../../../components/stack/environmentNetwork";
import type { TestStack } from "../stack/stack";
import { deletedInUse, mayBeDeletedFirst, type StateResource } from "../state/deletedFirst";
import { expectConfined } from "./confinement";
import { expectReach } from "./reach";

/** The containers that run once. */
const ONCE = ["survey-demo", "training"];

/**
 * Tests of what each container of a stack may do and reach.
 *
 * @param running the roles of the containers that run on
 */
export function insideTests(stackOf: () => TestStack, running: readonly string[]): void {
    const roles = [...running, ...ONCE].sort();

    it("comes up with each container confined, and each secret given to its reader alone", async () => {
        expect(await expectConfined(stackOf().engine)).to.deep.equal(roles);
    });

    it("comes up with nothing that would be deleted in use depending on what Pulumi deletes first", async () => {
        const { output } = await stackOf().pulumi("stack", "export", "--stack", stackOf().name);
        const { resources } = (JSON.parse(output) as { deployment: { resources: StateResource[] } })
            .deployment;
        const first = resources.filter(mayBeDeletedFirst).map(({ urn }) => urn.split("::").at(-1)!);
        // There are both kinds: containers that run once, and services that stop before they start.
        const once = ONCE.map((role) => `${stackOf().engine.prefix}-${role}`);
        expect(first).to.include.members([...once, "gateway-service"]);
        expect(deletedInUse(resources)).to.deep.equal([]);
    });

    it("comes up with two networks: each container reaches what docs/security.md says, and nothing else", async () => {
        const { engine } = stackOf();
        expect([...(await expectReach(engine)), ...ONCE].sort()).to.deep.equal(roles);
        const [training] = await engine.containers("training");
        expect(Object.keys(training!.NetworkSettings.Networks)).to.deep.equal([
            registryNetwork(engine.prefix),
        ]);
    });
}
