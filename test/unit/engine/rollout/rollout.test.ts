import { expect } from "chai";

import { generationOf, liveService } from "../../../../engine/rollout/generation";
import { followRollout } from "../../../../engine/rollout/rollout";
import { engine, type FakeTask, outcome, proven, time, wanted } from "../../../support/engine/fakeRollout";

describe("rollout", () => {
    it("is proven when every replica of the declared spec has run for the monitor period", async () => {
        expect(await outcome(engine([{ spec: "new", tasks: [proven] }]))).to.equal("proven");
    });

    it("waits while the engine updates, and while a task is younger than the monitor period", async () => {
        const young = { ...proven, secondsAgo: 14.6, id: "young" };
        const docker = engine([
            { update: "updating", spec: "new", tasks: [proven, young] },
            { update: "updating", spec: "new", tasks: [proven, young] },
            { update: "completed", spec: "new", tasks: [young] },
        ]);
        const began = time.now();
        expect(await outcome(docker)).to.equal("proven");
        expect(time.now() - began).to.be.greaterThan(400);
    });

    it("tells when every replica runs, before they are proven", async () => {
        const young = { ...proven, secondsAgo: 3 };
        const healthy: number[] = [];
        let look = 0;
        const docker = engine([
            { update: "updating", spec: "new", tasks: [young] },
            { update: "completed", spec: "new", tasks: [young] },
            { update: "completed", spec: "new", tasks: [proven] },
        ]);
        const listTasks = docker.listTasks.bind(docker) as (options: object) => Promise<unknown[]>;
        docker.listTasks = (options: object) => {
            look += 1;
            return listTasks(options);
        };
        await followRollout(docker, { ...wanted, monitorSeconds: 4 }, () => healthy.push(look), time);
        expect(healthy[0]).to.equal(2);
        expect(look).to.be.greaterThan(2);
    });

    it("is proven sooner when the task was ready for the monitor period beside an old one", async () => {
        const old = { spec: "old", state: "running", secondsAgo: 100, id: "old" };
        const settled = { spec: "new", state: "running", secondsAgo: 5.5, took: 18, id: "new" };
        const moments = (others: FakeTask[], task: FakeTask) => [
            { update: "updating", spec: "new", tasks: [...others, task] },
            ...Array.from({ length: 2 }, () => ({ update: "completed", spec: "new", tasks: [task] })),
            { update: "rollback_completed", spec: "old", tasks: [] },
        ];
        expect(await outcome(engine(moments([old], settled)))).to.equal("proven");
        for (const [others, task] of [
            [[], settled],
            [[old], { ...settled, took: 3 }],
            [[old], { ...settled, secondsAgo: 4 }],
        ] as [FakeTask[], FakeTask][]) {
            expect(await outcome(engine(moments(others, task)))).to.match(/went back to the version before/);
        }
    });

    it("fails on a rollback, with the last lines of the tasks that were rolled back", async () => {
        const tasks = [
            { spec: "old", state: "running", secondsAgo: 100 },
            { spec: "new", state: "failed", secondsAgo: 1, desired: "shutdown" },
        ];
        const docker = engine([
            { update: "rollback_started", spec: "old", tasks },
            { update: "rollback_completed", spec: "old", tasks },
        ]);
        expect(await outcome(docker)).to.equal(
            "web: the new tasks did not stay up; the engine went back to the version before\n" +
                "  task 2 (failed: non-zero exit (1)), its last lines:\n  | no model",
        );
    });

    it("says what a failing probe said of a task that never got healthy", async () => {
        const ended = { spec: "new", state: "complete", secondsAgo: 1, desired: "shutdown" };
        const moments = [{ update: "rollback_completed", spec: "old", tasks: [ended] }];
        const log = [
            { ExitCode: 0, Output: "fine" },
            { ExitCode: 22, Output: "error: 503\n" },
            { ExitCode: 7, Output: "refused, as it is being stopped" },
        ];
        expect(await outcome(engine(moments, { FailingStreak: 2, Log: log }))).to.include(
            "  task 1 (complete; its health check failed: error: 503), its last lines:",
        );
        expect(await outcome(engine(moments, { FailingStreak: 0, Log: log }))).to.include(
            "  task 1 (complete), its last lines:",
        );
    });

    it("does not take old tasks for new ones", async () => {
        const old = [{ spec: "old", state: "running", secondsAgo: 100 }];
        const rollout = { ...wanted, monitorSeconds: 0 };
        expect(await outcome(engine([{ spec: "new", tasks: old }]), rollout)).to.match(
            /^web: 0 of 1 tasks run; the next did not within 1 s/,
        );
    });

    it("fails when the engine runs something that nobody declared", async () => {
        expect(await outcome(engine([{ spec: "old", tasks: [] }]))).to.match(
            /runs something else than this stack declares/,
        );
    });

    it("fails on a paused update", async () => {
        const failed = { spec: "new", state: "failed", secondsAgo: 0, desired: "shutdown" };
        const moments = ["updating", "paused"].map((update) => ({ update, spec: "new", tasks: [failed] }));
        expect(await outcome(engine(moments))).to.match(
            /^web: the engine paused the update\n {2}task 1 \(failed: non-zero exit \(1\)\), its last lines:/,
        );
    });

    it("goes by the tasks where an earlier update was paused", async () => {
        const paused = (tasks: FakeTask[]) => outcome(engine([{ update: "paused", spec: "new", tasks }]));
        expect(await paused([proven])).to.equal("proven");
        const ended = (id: string) => ({
            ...{ spec: "new", state: "failed", secondsAgo: 0, desired: "shutdown" },
            id,
        });
        const restarts = [["a"], ["a", "b", "c", "d"]].map((ids) => ({
            ...{ update: "paused", spec: "new" },
            tasks: ids.map(ended),
        }));
        expect(await outcome(engine(restarts))).to.match(/^web: its tasks ended 3 times/);
        const starting = [{ ...proven, state: "starting" }];
        const hurried = { ...wanted, monitorSeconds: 0 };
        expect(await outcome(engine([{ update: "paused", spec: "new", tasks: starting }]), hurried)).to.match(
            /^web: 0 of 1 tasks run/,
        );
    });

    it("fails when tasks of a first deployment keep ending", async () => {
        const ended = (id: string) => ({
            ...{ spec: "new", state: "failed", secondsAgo: 0, desired: "shutdown" },
            id,
        });
        const before = ["a", "b", "c"].map(ended);
        const moments = [before, [...before, ended("d")], ["c", "d", "e", "f"].map(ended)];
        const docker = engine(moments.map((tasks) => ({ spec: "new", tasks })));
        expect(await outcome(docker)).to.match(
            /^web: its tasks ended 3 times within \d s\n {2}task \d \(failed/,
        );
    });

    it("says how to get back an image that was removed", async () => {
        const gone = {
            ...{ spec: "new", state: "rejected", secondsAgo: 1, desired: "shutdown" },
            error: "No such image: seismic-mlops/trainer:1",
        };
        const moments = [{ update: "rollback_completed", spec: "old", tasks: [gone] }];
        expect(await outcome(engine(moments))).to.include(
            "Build it again: npm run setup, then pulumi up --refresh",
        );
    });

    for (const [where, task, remedy] of [
        [
            "another node, and no registry has it",
            { image: "seismic-mlops/trainer:1" },
            "  host-m lacks the image, and no registry has it: set registry.builtIn or registry.address (docs/nodes.md)",
        ],
        [
            "another node, which reaches no registry without it",
            { image: "127.0.0.1:5010/seismic-mlops/image-door:1" },
            "  host-m lacks the image by which a node reaches the stack's registry. Give it to each node: " +
                "npm run mlops -- nodes prepare ssh://USER@NODE --stack STACK --yes",
        ],
    ] as const) {
        it(`says how an image gets to ${where}`, async () => {
            const missing = {
                ...{ spec: "new", state: "rejected", secondsAgo: 1, desired: "shutdown", node: "m" },
                ...task,
                error: `No such image: ${task.image}`,
            };
            const moments = [{ update: "rollback_completed", spec: "old", tasks: [missing] }];
            expect((await outcome(engine(moments))).split("\n").at(-1)).to.equal(remedy);
        });
    }

    it("names a node that lacks an image, even if the last two tasks that it shows were on others", async () => {
        const image = "127.0.0.1:5010/seismic-mlops/image-door:1";
        const rejected = { spec: "new", state: "rejected", desired: "shutdown", image };
        const tasks = [
            { ...rejected, secondsAgo: 3, node: "m", error: `No such image: ${image}` },
            { ...rejected, secondsAgo: 2, node: "n", error: "port is taken" },
            { ...rejected, secondsAgo: 1, node: "n", error: "port is taken" },
        ];
        const moments = [{ update: "rollback_completed", spec: "old", tasks }];
        expect(await outcome(engine(moments))).to.include("  host-m lacks the image by which");
    });

    describe("a generation", () => {
        const live = (update: string) => liveService(engine([{ update, spec: "old", tasks: [] }]), "web");

        it("is another attempt after a rollback, and the same one otherwise", async () => {
            expect((await live("rollback_completed")).attempt).to.equal("2026-01-01T00:00:00Z");
            expect(await live("completed")).to.deep.equal({ identity: "old@4", attempt: "4" });
        });

        const runs = (identity?: string) => ({ identity, attempt: "1" });
        it("listens on the other port than the one that runs, unless it is the same", () => {
            const ports = [8000, 8001];
            expect(generationOf("a", runs(), ports)).to.deep.equal({ identity: "a@1@8000", port: 8000 });
            expect(generationOf("b", runs("a@1@8000"), ports).port).to.equal(8001);
            expect(generationOf("c", runs("b@1@8001"), ports).port).to.equal(8000);
            expect(generationOf("b", runs("b@1@8001"), ports)).to.deep.equal({
                identity: "b@1@8001",
                port: 8001,
            });
        });

        it("listens on the other port when the same thing is tried again after a rollback", () => {
            const after = { identity: "a@1@8000", attempt: "2" };
            expect(generationOf("a", after, [8000, 8001])).to.deep.equal({
                identity: "a@2@8001",
                port: 8001,
            });
        });

        it("names no port where there is only one", () => {
            expect(generationOf("a", runs("b@1"), [0])).to.deep.equal({ identity: "a@1", port: 0 });
        });
    });
});
