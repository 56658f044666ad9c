import { expect } from "chai";

import { findNode, nodesAction, relabelled } from "../../../../cli/upkeep/nodeLabels";
import { factsOf, nodeRows, placedRows, troubles } from "../../../../cli/upkeep/nodes";
import { GIB, NANOS_PER_CPU } from "../../../../common/units";
import type { SwarmNode } from "../../../../engine/nodes";
import type { Task } from "../../../../engine/rollout/tasks";

/** A ready worker with 2 cores and 4 GiB. */
function node(name: string, id: string, other: Partial<SwarmNode> = {}): SwarmNode {
    return {
        ID: id,
        Version: { Index: 1 },
        Spec: { Role: "worker", Availability: "active" },
        Description: {
            Hostname: name,
            Engine: { EngineVersion: "20.10.24" },
            Resources: { NanoCPUs: 2 * NANOS_PER_CPU, MemoryBytes: 4 * GIB },
        },
        Status: { State: "ready", Addr: "10.0.0.2" },
        ...other,
    };
}

function task(nodeId: string, service: string, other: Partial<Task> = {}): Task {
    return {
        ID: `${nodeId}-${service}`,
        NodeID: nodeId,
        ServiceID: service,
        DesiredState: "running",
        CreatedAt: "",
        UpdatedAt: "",
        Spec: {
            Resources: { Reservations: { NanoCPUs: NANOS_PER_CPU / 2, MemoryBytes: GIB } },
        },
        Status: { State: "running" },
        ...other,
    };
}

const LEADER = node("a", "a1b2", {
    Spec: { Role: "manager", Availability: "active", Labels: { disk: "fast", zone: "x" } },
    Status: { State: "ready", Addr: "0.0.0.0" },
    ManagerStatus: { Leader: true, Reachability: "reachable", Addr: "10.0.0.1:2377" },
});
const SERVICES = new Map([
    ["s", "shop-dev-serving"],
    ["g", "shop-dev-gateway"],
]);

describe("the words of the command nodes", () => {
    it("name an action, a node and its labels", () => {
        expect(nodesAction([])).to.deep.equal({ kind: "list" });
        expect(nodesAction(["list"])).to.deep.equal({ kind: "list" });
        expect(nodesAction(["label", "a", "disk=fast", "seismic.state=true", "zone-"])).to.deep.equal({
            kind: "label",
            node: "a",
            labels: { disk: "fast", "seismic.state": "true", zone: undefined },
        });
    });

    const refused: [words: string[], says: RegExp][] = [
        [["show"], /got show, which is no action/],
        [["list", "a"], /got a after list/],
        [["label"], /the node is missing/],
        [["label", "a"], /the label is missing/],
        [["label", "a", "disk"], /got disk; a label is KEY=VALUE/],
        [["label", "a", "-"], /got -; a label/],
        [["label", "a", "=x"], /got =x; a label/],
        [["label", "a", "disk="], /got disk=; a label/],
        [["label", "a", "disk=very fast"], /got disk=very fast; a label/],
        [["label", "a", "disk=fast\u001b[2J"], /a label is KEY=VALUE/],
        [["label", "a", "disk=a", "disk-"], /disk: given twice/],
    ];
    for (const [words, says] of refused) {
        it(`are refused before anything is asked: ${JSON.stringify(words)}`, () => {
            expect(() => nodesAction(words))
                .to.throw(says)
                .with.property("message")
                .that.match(/Nothing was changed\.$/);
        });
    }
});

describe("the nodes of a swarm", () => {
    const tasks = [
        task("a1b2", "g"),
        task("b1", "s"),
        task("b1", "s", { Status: { State: "starting" } }),
        task("b1", "s", { Status: { State: "failed" } }),
        task("b1", "unknown"),
    ];

    it("have their state, their room without what tasks reserve, and what runs there", () => {
        const facts = factsOf([LEADER, node("b", "b1")], tasks, SERVICES);
        expect(nodeRows(facts).slice(1)).to.deep.equal([
            [
                "a",
                "a1b2",
                "ready",
                "leader",
                "20.10.24",
                "10.0.0.1",
                "1.5 of 2",
                "3 of 4 GiB",
                "disk=fast zone=x",
            ],
            ["b", "b1", "ready", "worker", "20.10.24", "10.0.0.2", "0.5 of 2", "1 of 4 GiB", "-"],
        ]);
        expect(placedRows(facts)).to.deep.equal([
            ["a", "shop-dev-gateway"],
            ["b", "shop-dev-serving, unknown"],
        ]);
        expect(troubles(facts)).to.deep.equal([]);
    });

    it("count the tasks of a service, and none that only a node that is down had", () => {
        const [up, down] = [
            node("b", "b1"),
            node("c", "c1", { Status: { State: "down", Message: "heartbeat failure" } }),
        ];
        const gone = task("c1", "s", { DesiredState: "shutdown" });
        const facts = factsOf([up, down], [task("b1", "s"), task("b1", "s"), gone], SERVICES);
        expect(placedRows(facts)).to.deep.equal([
            ["b", "shop-dev-serving (2)"],
            ["c", "nothing"],
        ]);
        expect(nodeRows(facts)[2])
            .to.include.members(["down (heartbeat failure)", "-"])
            .and.not.include("2 of 2");
        expect(troubles(facts)).to.deep.equal([
            "c is down: its tasks are started elsewhere, and volumes on it cannot be reached.",
        ]);
    });

    it("say that one is drained, that a manager is unreachable, and that engines differ", () => {
        const { Description } = node("b", "b1");
        const other = { ...Description, Engine: { EngineVersion: "28.5.2" } };
        const manager = node("b", "b1", {
            Spec: { Role: "manager", Availability: "drain" },
            Description: other,
            ManagerStatus: { Reachability: "unreachable", Addr: "10.0.0.2:2377" },
        });
        const facts = factsOf([LEADER, manager], [], SERVICES);
        expect(facts[1]).to.include({ state: "drain (its manager is unreachable)", role: "manager" });
        expect(troubles(facts).join(" "))
            .to.include("different engines: 20.10.24, 28.5.2")
            .and.include("Two managers are worse than one");
    });

    it("are found by the host's name or by the beginning of the id, and only if one alone is meant", () => {
        const all = [LEADER, node("b", "b1"), node("b", "b2")];
        expect(findNode(all, "a")).to.equal(LEADER);
        expect(findNode(all, "b2")).to.equal(all[2]);
        expect(() => findNode(all, "b")).to.throw(
            /got b, which means 2 nodes: b is b1, b is b2\. Give an ID\./,
        );
        expect(() => findNode(all, "z")).to.throw(
            /got z, which is no node; there are a, b, b\. Nothing was changed\./,
        );
    });

    it("keep their other labels when one is set or removed", () => {
        expect(
            relabelled(LEADER, { disk: "slow", zone: undefined, gpu: "1", none: undefined }),
        ).to.deep.equal({
            labels: { disk: "slow", gpu: "1" },
            lines: ["disk: fast -> slow", "zone: x -> nothing", "gpu: nothing -> 1"],
        });
        expect(relabelled(LEADER, { disk: "fast" }).lines).to.deep.equal([]);
        expect(relabelled(node("b", "b1"), { a: "1" }).labels).to.deep.equal({ a: "1" });
    });
});
