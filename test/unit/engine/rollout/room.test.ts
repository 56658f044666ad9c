import { expect } from "chai";
import type Docker from "dockerode";

import { checkRoom, reservingParts } from "../../../../components/release/reservations";
import type { StackConfig } from "../../../../config/schema";
import { lack, type NodeRoom, place, roomOf } from "../../../../engine/rollout/room";
import { type Claim, planRoom } from "../../../../engine/rollout/roomPlan";
import type { Task } from "../../../../engine/rollout/tasks";
import { committedConfig, STACK_FILES } from "../../../support/program/stackFiles";

const GIB = 2 ** 30;

function room(cpus: number, gib: number, id = "n"): NodeRoom {
    return { id, total: { cpus: 2, bytes: 8 * GIB }, free: { cpus, bytes: gib * GIB } };
}

function task(cpus: number, gib: number, more: { state?: string; desired?: string } = {}): Task {
    return {
        ...{ ID: "t", ServiceID: "s", NodeID: "n", DesiredState: more.desired ?? "running" },
        ...{ CreatedAt: "", UpdatedAt: "", Status: { State: more.state ?? "running" } },
        Spec: { Resources: { Reservations: { NanoCPUs: cpus * 1e9, MemoryBytes: gib * GIB } } },
    };
}

function wants(cpus: number, gib: number) {
    return { key: "serving.reservations", cpus, bytes: gib * GIB };
}

/** An engine with one node of 2 cores and 8 GiB, and these tasks. A service exists if it has tasks. */
function engineOf(tasks: Task[]): Docker {
    const node = {
        ...{ ID: "n", Spec: { Availability: "active" }, Status: { State: "ready" } },
        Description: { Resources: { NanoCPUs: 2e9, MemoryBytes: 8 * GIB } },
    };
    const drained = { ...node, ID: "m", Spec: { Availability: "drain" } };
    const down = { ...node, ID: "o", Status: { State: "down" } };
    const missing = Object.assign(new Error("none"), { statusCode: 404 });
    return {
        listNodes: () => Promise.resolve([node, drained, down]),
        listTasks: () => Promise.resolve(tasks),
        getService: (name: string) => ({
            inspect: () =>
                name.endsWith("-serving") && tasks.length > 0
                    ? Promise.resolve({ ID: "s" })
                    : Promise.reject(missing),
        }),
    } as unknown as Docker;
}

describe("room for tasks", () => {
    it("is what nodes that take tasks have beside what is reserved there", async () => {
        const tasks = [
            task(0.25, 1),
            task(0.5, 2, { state: "starting" }),
            task(0.25, 1, { desired: "shutdown" }),
            task(1, 1, { state: "shutdown", desired: "shutdown" }),
            { ...task(1, 1, { state: "pending" }), NodeID: undefined },
        ];
        expect(await roomOf(engineOf([]), tasks)).to.deep.equal([room(1, 4)]);
    });

    const fits: [string, NodeRoom[], [number, number], number, boolean][] = [
        ["all that is left", [room(0.3, 1)], [0.3, 1], 1, true],
        ["more memory than is left", [room(1, 1)], [0.1, 1.5], 1, false],
        ["more cores than are left", [room(0.2, 4)], [0.25, 1], 1, false],
        ["three tenths in three parts", [room(0.3, 4)], [0.1, 1], 3, true],
        ["two on two nodes", [room(1, 1, "a"), room(1, 1, "b")], [0.5, 1], 2, true],
        ["one that only all nodes together could take", [room(1, 1, "a"), room(1, 1, "b")], [1, 2], 1, false],
        ["something where no node takes tasks", [], [0.1, 0], 1, false],
        ["nothing more", [room(0, 0)], [1, 1], 0, true],
    ];
    for (const [what, rooms, [cpus, gib], count, fit] of fits) {
        it(`${fit ? "holds" : "does not hold"} ${what}`, () => {
            expect(place(rooms, wants(cpus, gib), count) !== undefined).to.equal(fit);
        });
    }

    it("is told with the key and the numbers of what lacks", () => {
        expect(lack([room(0.25, 0.5)], wants(1, 2), 1).split("\n")).to.deep.equal([
            "serving.reservations.memory: a task more needs 2 GiB; the engine has 0.5 GiB of 8 GiB unreserved",
            "serving.reservations.cpus: a task more needs 1 CPU; the engine has 0.25 CPU of 2 CPU unreserved",
        ]);
        expect(lack([room(2, 1, "a"), room(2, 0, "b")], wants(1, 2), 2)).to.equal(
            "serving.reservations.memory: each of 2 tasks more needs 2 GiB; " +
                "the roomiest of 2 nodes has 1 GiB of 8 GiB unreserved",
        );
        // Each amount fits on a node, but no node has both.
        expect(lack([room(2, 1, "a"), room(0.5, 4, "b")], wants(1, 2), 1).split("\n")).to.have.length(2);
    });

    const claim = (cpus: number, gib: number, replicas: number, live: Task[], beside = true): Claim => ({
        ...{ reservation: wants(cpus, gib), replicas, beside, live },
    });
    const plans: [string, NodeRoom, Claim[], boolean[]][] = [
        ["a first deployment that fits", room(2, 8), [claim(0.5, 2, 2, [])], []],
        ["a first deployment that does not", room(2, 3), [claim(0.5, 2, 2, [])], [true]],
        ["two services that fit only alone", room(2, 3), [claim(0, 2, 1, []), claim(0, 2, 1, [])], [true]],
        [
            "an update with room for one more",
            room(1, 2),
            [claim(0.5, 2, 2, [task(0.5, 2), task(0.5, 2)])],
            [],
        ],
        ["an update without", room(1, 1), [claim(0.5, 2, 1, [task(0.5, 2)])], [false]],
        ["an update that ends the old task first", room(0, 0), [claim(1, 2, 1, [task(1, 2)], false)], []],
        ["a raised reservation without room", room(1, 1), [claim(0.5, 2, 1, [task(0.5, 1)])], [true]],
        ["one raised beyond all room", room(0, 1), [claim(1, 4, 1, [task(1, 2)], false)], [true]],
        ["more replicas than there is room for", room(1, 1), [claim(0.5, 2, 2, [task(0.5, 2)])], [true]],
    ];
    for (const [what, rooms, claims, certain] of plans) {
        it(`is planned for ${what}`, () => {
            expect(planRoom([rooms], claims).map(({ isCertain }) => isCertain)).to.deep.equal(certain);
        });
    }

    const staging = (reserved: StackConfig["serving"]["reservations"]) => {
        const config = committedConfig("Pulumi.staging.yaml");
        return { ...config, serving: { ...config.serving, reservations: reserved } };
    };
    const deployment = (tasks: Task[]) => ({ engine: engineOf(tasks), prefix: "seismic-mlops-staging" });

    it("is refused before anything is made where it cannot suffice", async () => {
        const refused = await checkRoom(deployment([]), staging({ memory: "9g" })).catch((it: Error) => it);
        expect(refused).to.be.instanceOf(Error);
        expect((refused as Error).message.split("\n")[0]).to.equal(
            "serving.reservations.memory: a task more needs 9 GiB; the engine has 8 GiB of 8 GiB unreserved",
        );
    });

    it("is no reason to refuse an update that may leave the service as it is", async () => {
        await checkRoom(deployment([task(0, 5)]), staging({ memory: "5g" }));
    });

    it("suffices on 2 cores and 8 GiB for all shipped stacks, updated at the same time", () => {
        // The room of an engine with 8 GiB, after the kernel has taken its part.
        const whole = { cpus: 2, bytes: 7.5 * GIB };
        const stacks = STACK_FILES.map((file) => reservingParts(committedConfig(file)));
        const running = stacks.flat().flatMap((part) => Array<typeof part>(part.replicas).fill(part));
        const beside = stacks.flatMap((parts) => {
            const most = parts.filter((part) => part.beside);
            return most.sort((a, b) => b.reservation.bytes - a.reservation.bytes).slice(0, 1);
        });
        expect(running.length, "parts that reserve").to.be.greaterThan(2);
        for (const amount of ["cpus", "bytes"] as const) {
            const sum = [...running, ...beside].reduce((total, part) => total + part.reservation[amount], 0);
            expect(sum, amount).to.be.at.most(whole[amount]);
        }
    });
});
