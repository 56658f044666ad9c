import { expect } from "chai";
import type Docker from "dockerode";

import { whyNoManager } from "../../../engine/manager";
import { listNodes } from "../../../engine/nodes";

const engine = (swarm: object | Error, failure?: object) =>
    ({
        info: () => (swarm instanceof Error ? Promise.reject(swarm) : Promise.resolve({ Swarm: swarm })),
        listNodes: () => Promise.reject(Object.assign(new Error("refused"), failure)),
    }) as unknown as Docker;

const MANAGERS = [{ Addr: "10.0.0.2:2377" }, { Addr: "10.0.0.1:2377" }];
const NO_LEADER = "The swarm does not have a leader. Make sure more than half of the managers are online.";
const WORKER = { LocalNodeState: "active", ControlAvailable: false, RemoteManagers: MANAGERS };
const ALONE = { ...WORKER, ControlAvailable: true, Error: NO_LEADER };

describe("an engine that does not answer as a manager", () => {
    for (const [what, swarm, said] of [
        [
            "is away",
            new Error("connect ENOENT"),
            /^no Docker engine answers at tcp:\/\/a \(connect ENOENT\); start it/,
        ],
        [
            "is in no swarm",
            { LocalNodeState: "inactive", ControlAvailable: false, RemoteManagers: null },
            /^the engine at tcp:\/\/a is in no swarm \(state inactive\); run: npm run setup/,
        ],
        ["is a worker", WORKER, /^the engine at tcp:\/\/a is a worker of its swarm; point DOCKER_HOST/],
        [
            "has lost the other managers",
            ALONE,
            /^the swarm of the engine at tcp:\/\/a cannot be changed: The swarm does not have a leader\. .*\n {2}Its managers are 10\.0\.0\.1:2377, 10\.0\.0\.2:2377\. Bring back more than half/,
        ],
    ] as const) {
        it(`says that it ${what}`, async () => {
            expect((await whyNoManager(engine(swarm), "tcp://a")).message).to.match(said);
        });
    }

    it("says it when it is asked for its nodes, and passes on any other failure", async () => {
        const asked = (swarm: object, failure: object) =>
            listNodes(engine(swarm, failure)).then(
                () => "no failure",
                (error: Error) => error.message,
            );
        expect(await asked(WORKER, { statusCode: 503 })).to.match(/^the engine is a worker/);
        expect(await asked(ALONE, { statusCode: 500, message: `rpc error: ${NO_LEADER}` })).to.match(
            /^the swarm of the engine cannot be changed/,
        );
        expect(await asked(ALONE, { statusCode: 500, message: "disk full" })).to.equal("disk full");
    });
});
