import { expect } from "chai";

import { listTasks } from "../../../../engine/rollout/tasks";
import { UnplacedTasks } from "../../../../engine/rollout/unplaced";
import {
    engine,
    type FakeTask,
    GIB,
    outcome,
    proven,
    time,
    wanted,
} from "../../../support/engine/fakeRollout";

const LOOKS_PER_SECOND = 4;

describe("a deployment without room for its next task", () => {
    const reservation = { key: "serving.reservations", cpus: 1, bytes: 2 * GIB };
    const rollout = { ...wanted, reservation, timeoutSeconds: 60 };
    const old: FakeTask = {
        ...{ spec: "old", state: "running", secondsAgo: 100 },
        reserves: { NanoCPUs: 1e9, MemoryBytes: 7 * GIB },
    };
    const waiting: FakeTask = {
        ...{ spec: "new", state: "pending", secondsAgo: 1 },
        error: "no suitable node (insufficient resources on 1 node)",
    };
    const updating = (...tasks: FakeTask[]) => ({ update: "updating", spec: "new", tasks });

    it("says so within seconds, with the key and the numbers", async () => {
        const began = time.now();
        const message = await outcome(engine([updating(old, waiting)]), rollout);
        expect(time.now() - began).to.be.within(4_000, 8_000);
        expect(message.split("\n").slice(0, 2)).to.deep.equal([
            "web: its next task has no place: no suitable node (insufficient resources on 1 node)",
            "serving.reservations.memory: a task more needs 2 GiB; the engine has 1 GiB of 8 GiB unreserved",
        ]);
    });

    /** The message about `task` beside other tasks, when it has waited for a minute. */
    const afterAMinute = async (task: FakeTask, ...others: FakeTask[]) => {
        const docker = engine([updating(...others, task)]);
        await docker.getService("s").inspect();
        let now = 0;
        const unplaced = new UnplacedTasks(docker, reservation, () => now);
        const tasks = await listTasks(docker);
        expect(await unplaced.problem(tasks)).to.equal(undefined);
        now = 60_000;
        return unplaced.problem(tasks);
    };

    it("waits while another task is about to let go of its place", async () => {
        expect(await afterAMinute(waiting, old)).to.match(/serving\.reservations\.memory/);
        const ending = { ...old, desired: "shutdown" };
        expect(await afterAMinute(waiting, ending)).to.equal(undefined);
        expect(await afterAMinute(waiting, old, old), "more than its replicas").to.equal(undefined);
    });

    it("waits when there is room by now", async () => {
        const small = { ...old, reserves: { MemoryBytes: GIB } };
        expect(await afterAMinute(waiting, small)).to.equal(undefined);
    });

    it("says what else keeps it waiting in the engine's words", async () => {
        const error = "no suitable node (scheduling constraints not satisfied on 1 node)";
        expect(await afterAMinute({ ...waiting, error }, old)).to.equal(error);
    });

    it("goes on while a group of tasks gets its places one by one", async () => {
        const part = (task: FakeTask, id: string) => ({ ...task, id, reserves: { MemoryBytes: 2 * GIB } });
        /** Three replicas on a node with room for one task more, when this many are replaced. */
        const replaced = (done: number) => ({
            ...{ update: "updating", spec: "new", replicas: 3 },
            tasks: [
                ...["a", "b", "c"].slice(done).map((id) => part(old, id)),
                ...["d", "e", "f"].slice(0, done).map((id) => part({ ...proven, state: "running" }, id)),
                part({ ...proven, state: "starting" }, ["d", "e", "f"][done]!),
                ...["e", "f"].slice(done).map((id) => part(waiting, id)),
            ],
        });
        const within = (seconds: number) => Array.from({ length: seconds * LOOKS_PER_SECOND });
        const moments = [0, 1, 2].flatMap((done) => within(50).map(() => replaced(done)));
        const end = { update: "completed", spec: "new", replicas: 3 };
        const docker = engine([...moments, { ...end, tasks: ["d", "e", "f"].map((id) => part(proven, id)) }]);
        expect(await outcome(docker, { ...rollout, replicas: 3 })).to.equal("proven");
    });
});
