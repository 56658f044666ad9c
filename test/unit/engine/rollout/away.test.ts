import { expect } from "chai";

import { engine, outcome, proven, time } from "../../../support/engine/fakeRollout";

describe("a rollout while the engine is away", () => {
    /** An engine whose next answers about services fail. */
    const failing = (failures: object[]) => {
        const docker = engine([{ spec: "new", tasks: [proven] }]);
        const getService = docker.getService.bind(docker);
        docker.getService = (id: string) => {
            const failure = failures.shift();
            const inspect = () => Promise.reject(Object.assign(new Error("no answer"), failure));
            return failure === undefined ? getService(id) : ({ inspect } as never);
        };
        return docker;
    };

    for (const failure of [
        { code: "ECONNREFUSED" },
        { statusCode: 500, message: "rpc error: The swarm does not have a leader" },
    ]) {
        it(`waits for it: ${Object.values(failure).join(" ")}`, async () => {
            expect(await outcome(failing(Array.from({ length: 20 }, () => failure)))).to.equal("proven");
        });
    }

    it("gives up when it stays away, and says what then is rolled out and what to do", async () => {
        const began = time.now();
        const away = Array.from({ length: 100 }, () => ({ code: "ECONNREFUSED" }));
        expect(await outcome(failing(away))).to.match(
            /^web: the engine went away during the update \(no answer\)\. .* run: pulumi up$/,
        );
        expect(time.now() - began).to.be.lessThan(40_000);
    });

    it("waits for nothing when the engine answers that it will not", async () => {
        const began = time.now();
        expect(await outcome(failing([{ statusCode: 400, message: "bad parameter" }]))).to.equal(
            "bad parameter",
        );
        expect(time.now()).to.equal(began);
    });
});
