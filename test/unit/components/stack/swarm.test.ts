import { expect } from "chai";
import type Docker from "dockerode";

import { swarmOf } from "../../../../components/stack/swarm";

/** An engine of node "here", with a service that is kept by these constraints, or runs on a node. */
function engine(service?: { constraints?: string[]; runsOn?: string }): Docker {
    const nodes = [
        ["here", "host-here", "ready"],
        ["there", "host-there", "ready"],
        ["lost", "host-lost", "down"],
    ].map(([ID, Hostname, State]) => ({ ID, Description: { Hostname }, Status: { State } }));
    return {
        info: () => Promise.resolve({ Swarm: { NodeID: "here", Managers: 3 } }),
        listNodes: () => Promise.resolve(nodes),
        listTasks: () =>
            Promise.resolve([
                { NodeID: "gone", DesiredState: "shutdown", Status: { State: "shutdown" } },
                ...(service?.runsOn === undefined
                    ? []
                    : [{ NodeID: service.runsOn, DesiredState: "running", Status: { State: "running" } }]),
            ]),
        getService: () => ({
            inspect: () =>
                service === undefined
                    ? Promise.reject(Object.assign(new Error("none"), { statusCode: 404 }))
                    : Promise.resolve({
                          ID: "s",
                          Spec: { TaskTemplate: { Placement: { Constraints: service.constraints } } },
                      }),
        }),
    } as unknown as Docker;
}

const said = (docker: Docker) =>
    swarmOf(docker, "mlflow").then(
        ({ stateNode, managers }) => `${stateNode} of ${managers}`,
        (error: Error) => error.message,
    );

describe("the node with a stack's volumes", () => {
    for (const [what, service, where] of [
        ["the engine's own, for a new stack", undefined, "here of 3"],
        ["the one that a constraint names", { constraints: ["node.id==here"], runsOn: "there" }, "here of 3"],
        [
            "the one where the task of an earlier release runs",
            { constraints: [], runsOn: "here" },
            "here of 3",
        ],
        ["the engine's own, while no task runs", { constraints: [] }, "here of 3"],
        [
            "refused when it is another one's engine",
            { constraints: ["node.role==manager", "node.id == there"] },
            "docker:host: names the engine of host-here; the stack's volumes are on host-there, which is ready. " +
                "Name the engine of that node",
        ],
        [
            "refused when an earlier release's task runs elsewhere",
            { runsOn: "there" },
            "docker:host: names the engine of host-here; the stack's volumes are on host-there, which is ready. " +
                "Name the engine of that node",
        ],
        [
            "refused while it is down",
            { constraints: ["node.id==lost"] },
            "docker:host: names the engine of host-here; the stack's volumes are on host-lost, which is down. " +
                "Bring it back, and name its engine",
        ],
        [
            "refused when the swarm lost it",
            { constraints: ["node.id==never"] },
            "the stack's volumes are on a node never, which the swarm no longer has; bring it back, or destroy " +
                "the stack and restore a backup (docs/operations.md)",
        ],
    ] as const) {
        it(`is ${what}`, async () => {
            const given = service as { constraints?: string[]; runsOn?: string } | undefined;
            expect(await said(engine(given))).to.equal(where);
        });
    }
});
