import { expect } from "chai";
import type Docker from "dockerode";

import { refuseWhileRestored } from "../../../../engine/restoring";
import { refuseWhileTraining } from "../../../../cli/stack/busy";
import type { Target } from "../../../../cli/stack/target";

const said = (work: Promise<void>) =>
    work.then(
        () => "nothing",
        (error: Error) => error.message,
    );

describe("a restore", () => {
    /** An engine with containers of these labels. The retraining's container has these processes. */
    const target = (running: string[], processes: string[][] = []) =>
        ({
            ...{ stack: "prod", project: "p", prefix: "p-prod" },
            engine: {
                listContainers: ({ filters }: { filters: { label: string[] } }) =>
                    Promise.resolve(
                        running.filter((it) => filters.label.includes(it)).map((Id) => ({ Id, Names: [Id] })),
                    ),
                getContainer: () => ({
                    top: () => Promise.resolve({ Titles: ["PID", "CMD"], Processes: processes }),
                }),
            } as unknown as Docker,
        }) as Target;
    const RETRAINING = "com.docker.swarm.service.name=p-prod-retraining";
    const service = ["1", "python -m seismic.retraining"];

    for (const [what, given, expected] of [
        ["nothing is trained", target([]), "nothing"],
        ["a run is under way", target(["seismic.role=training"]), /^Stack prod: a training run is under way/],
        ["the retraining waits", target([RETRAINING], [service]), "nothing"],
        [
            "it retrains",
            target([RETRAINING], [service, ["7", "/usr/bin/python3 -m tabular.train"]]),
            /^Stack prod: a retraining is under way; wait for its end. Nothing was changed/,
        ],
    ] as const) {
        it(`is ${expected === "nothing" ? "begun" : "refused"} while ${what}`, async () => {
            expect(await said(refuseWhileTraining(given))).to.match(new RegExp(expected));
        });
    }
});

describe("an update", () => {
    const engine = (status: string | undefined) =>
        ({
            getContainer: (name: string) => ({
                inspect: () =>
                    status === undefined
                        ? Promise.reject(Object.assign(new Error(name), { statusCode: 404 }))
                        : Promise.resolve({ State: { Status: status } }),
            }),
        }) as unknown as Docker;

    for (const [status, expected] of [
        [undefined, "nothing"],
        ["created", "nothing"],
        [
            "running",
            "the stack's registry is being restored or pruned (container p-prod-restore); wait for its end",
        ],
    ] as const) {
        it(`meets a restore's container that is ${status ?? "not there"}`, async () => {
            expect(await said(refuseWhileRestored(engine(status), "p-prod"))).to.equal(expected);
        });
    }

    it("that cannot ask for it says so", async () => {
        const broken = { getContainer: () => ({ inspect: () => Promise.reject(new Error("ECONNREFUSED")) }) };
        expect(await said(refuseWhileRestored(broken as unknown as Docker, "p-prod"))).to.equal(
            "ECONNREFUSED",
        );
    });
});
