import { expect } from "chai";

import type { Mount } from "../../../../components/service/mounts";
import { nodesFor, renderPlacement, whereFor } from "../../../../components/service/placement";
import type { ImageStore } from "../../../../components/stack/imageStore";
import type { SwarmNode } from "../../../../engine/nodes";

const VOLUME: Mount = { kind: "volume", volume: "v", target: "/v" };
const CACHE: Mount = { ...VOLUME, onEachNode: true };
const FOLDER: Mount = { kind: "host", path: "/data", target: "/data" };
const MEMORY: Mount = { kind: "memory", target: "/tmp", size: "64m" };
const images = {} as ImageStore;

function node(name: string, role: "manager" | "worker", other: Partial<SwarmNode> = {}): SwarmNode {
    return {
        ID: `id-${name}`,
        Version: { Index: 1 },
        Spec: { Role: role, Availability: "active" },
        Description: { Hostname: name, Engine: { EngineVersion: "20.10" }, Resources: {} },
        Status: { State: "ready" },
        ...other,
    };
}

describe("the place of a service's tasks", () => {
    for (const [what, mounts, wanted, store, where] of [
        ["a volume of the stack", [VOLUME], "anywhere", images, "state"],
        ["a volume, whatever else is wanted", [VOLUME], "managers", images, "state"],
        ["a folder of the host", [MEMORY, FOLDER], undefined, images, "state"],
        ["a cache that each node may have", [CACHE, MEMORY], undefined, images, "anywhere"],
        ["nothing", [], undefined, images, "anywhere"],
        ["nothing, and images that are on one engine", [], undefined, undefined, "state"],
        ["nothing, and an image that each node has", [], "anywhere", undefined, "anywhere"],
        ["the wish for managers", [MEMORY], "managers", images, "managers"],
    ] as const) {
        it(`with ${what} is ${where}`, () => {
            expect(whereFor(mounts, wanted, { images: store })).to.equal(where);
        });
    }

    const nodes = [
        node("a", "manager"),
        node("b", "manager"),
        node("c", "worker"),
        node("d", "manager", { Status: { State: "down" } }),
        node("e", "worker", { Spec: { Role: "worker", Availability: "drain" } }),
    ];

    it("has the conditions of the configuration besides its own", () => {
        const more = { constraints: ["node.labels.disk==fast"], spread: "node.labels.zone" };
        expect(renderPlacement("managers", { stateNode: "id-a" }, more)).to.deep.equal({
            constraints: ["node.role==manager", "node.labels.disk==fast"],
            prefs: ["spread=node.labels.zone"],
        });
    });

    for (const [where, constraints, names] of [
        ["anywhere", ["node.platform.os==linux"], ["a", "b", "c"]],
        ["state", ["node.id==id-a"], ["a"]],
        ["managers", ["node.role==manager"], ["a", "b"]],
        ["otherManagers", ["node.id!=id-a", "node.role==manager"], ["b"]],
    ] as const) {
        it(`${where} is on ${names.join(", ")}`, () => {
            expect(renderPlacement(where, { stateNode: "id-a" })).to.deep.equal({ constraints });
            expect(nodesFor(where, nodes, { stateNode: "id-a" })).to.deep.equal(names);
        });
    }
});
