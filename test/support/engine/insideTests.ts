import { expect } from "chai";

import { registryNetwork } from "../../../components/stack/environmentNetwork";
import type { TestStack } from "../stack/stack";
import { expectConfined } from "./confinement";
import { expectReach } from "./reach";

const CONTAINER = "docker:index/container:Container";

/** A resource in an exported state. */
interface Exported {
    type: string;
    urn: string;
    propertyDependencies?: Record<string, string[]>;
}

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

    it("comes up with nothing but services depending on the training run", async () => {
        const { output } = await stackOf().pulumi("stack", "export", "--stack", stackOf().name);
        const { deployment } = JSON.parse(output) as { deployment: { resources: Exported[] } };
        const training = deployment.resources.find(
            ({ type, urn }) => type === CONTAINER && urn.endsWith("-training"),
        )!.urn;
        // A run replaces the container. What depends on it and can only be replaced would be deleted before, in use or not.
        const others = deployment.resources.filter(
            ({ type, propertyDependencies = {} }) =>
                type !== "docker:index/service:Service" &&
                Object.values(propertyDependencies).flat().includes(training),
        );
        expect(others.map(({ urn }) => urn)).to.deep.equal([]);
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
