import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { nodeTests } from "../support/engine/nodeTests";
import { Client } from "../support/stack/client";
import { eventually, fails, succeeds } from "../support/expectations";
import { programsIn } from "../support/stack/programs";
import type { Config, TestStack } from "../support/stack/stack";
import { mend, release, stub, STUB_FOLDER, type StubSettings } from "../support/stack/stub";
import { suiteStack } from "../support/stack/suite";

const MINUTE = 60_000;
const DOCKERFILE = `${STUB_FOLDER}/Dockerfile`;

/** Serving ends by itself some time after its start. This is longer than it takes to get ready. */
const DIES = { servingDiesAfter: 8 };
/** A training run that goes on while MLflow goes away. */
const LASTS = { trainingSeconds: 8 };
/** A training run that nobody waits for. */
const STAYS = { trainingSeconds: 600 };

/** One stack, from nothing to nothing. Each test begins where the one before ended. */
describe("a stack that meets faults", function () {
    this.timeout(10 * MINUTE);
    this.bail(true);
    let stack: TestStack;
    let client: Client;

    suiteStack((made) => {
        stack = made;
    });

    const configure = (config: Config = {}, settings: StubSettings = {}) =>
        stack.configure({ ...stub(settings), ...config });
    /** Starts `up`, kills it when a condition is true, and follows the advice of the next `up`. */
    const killedWhen = async (what: string, holds: () => Promise<boolean>) => {
        const { ended, kill } = stack.startUp();
        try {
            await eventually(what, holds);
        } finally {
            kill();
        }
        expect((await ended).code, "the exit code of what was killed").to.equal(null);
        // A program that did not end would follow its services for nobody, with a whole core.
        await eventually("the end of the program", () =>
            Promise.resolve(programsIn(stack.folder).length === 0),
        );
        fails(await stack.up(), "pulumi cancel");
        succeeds(await stack.pulumi("cancel", "--yes", "--stack", stack.name));
    };
    const inDockerfile = (line: string) => {
        stack.project.write(DOCKERFILE, `${stack.project.read(DOCKERFILE)}${line}\n`);
    };

    describe("new tasks that die after they got ready", () => {
        before(() => {
            configure({ monitor: "15s" });
            release(stack.project, DIES);
        });

        it("fail a first deployment with their last lines", async () => {
            fails(await stack.up(), /-serving: its tasks ended \d times/, "| dying after 8 s");
        });

        it("give way to good code", async () => {
            mend(stack.project);
            succeeds(await stack.up());
            client = await Client.of(stack);
            await client.servesOn();
        });

        nodeTests(() => stack);

        it("fail an update with their last lines, and the old task serves all along", async () => {
            const [before] = await stack.engine.running("serving");
            release(stack.project, DIES);
            const ended = await client.servesDuring(stack.up());
            fails(ended, "the engine went back to the version before", "| dying after 8 s");
            expect((await stack.engine.running("serving"))[0]?.Id).to.equal(before!.Id);
        });

        it("and the next up with good code succeeds, without a request lost", async () => {
            mend(stack.project);
            configure();
            succeeds(await client.servesDuring(stack.up()));
            await client.refresh();
            await client.servesOn();
        });
    });

    describe("MLflow that goes away while the model is trained", () => {
        before(() => configure({ training: { run: "always", trials: 2 } }, LASTS));
        afterEach(() => client.servesOn());

        const whileTraining = async (meanwhile: () => Promise<void>) => {
            const { ended } = stack.startUp();
            await eventually("training", async () => (await stack.engine.running("training")).length > 0);
            await meanwhile();
            return client.servesDuring(ended);
        };

        it("and comes back is waited for", async () => {
            const ended = await whileTraining(async () => {
                const [mlflow] = await stack.engine.running("mlflow");
                await stack.engine.docker.getContainer(mlflow!.Id).kill();
            });
            succeeds(ended);
            expect((await client.refresh()).model.version).to.equal("1");
        });

        it("and stays away fails up after a bounded time, and what was registered is there when it is back", async () => {
            release(stack.project, { mlflowRetrySeconds: 6 });
            const ended = await whileTraining(async () => {
                await stack.engine.scale("mlflow", 0);
                const left = async () => (await stack.engine.running("mlflow")).length;
                await eventually("MLflow's end", async () => (await left()) === 0);
            });
            fails(ended, "the training run failed: exit code 4");
            await stack.engine.scale("mlflow", 1);
            mend(stack.project);
            succeeds(await stack.up());
            expect((await client.refresh()).model.version).to.equal("1");
        });
    });

    describe("up that is killed", () => {
        before(() => configure());
        afterEach(() => client.servesOn());

        it("while it builds an image converges", async () => {
            inDockerfile("RUN sleep 8 && touch /tmp/built");
            await client.servesDuring(killedWhen("the build", () => sleep(3000, true)));
            succeeds(await client.servesDuring(stack.up()));
            await client.refresh();
        });

        it("while it trains converges, with one trainer", async () => {
            configure({ training: { run: "always", trials: 2 } }, STAYS);
            await killedWhen("training", async () => (await stack.engine.running("training")).length > 0);
            expect(await stack.engine.running("training"), "what the killed up left").to.have.length(1);
            configure({ training: { run: "always", trials: 2 } });
            succeeds(await stack.up());
            expect(await stack.engine.running("training")).to.have.length(0);
            expect(await stack.engine.containers("training")).to.have.length(1);
        });

        it("while it updates a service converges, without a request lost", async () => {
            configure({ logLevel: "WARNING" });
            const updating = async () => (await stack.engine.updateState("serving")) === "updating";
            await client.servesDuring(killedWhen("the update", updating));
            succeeds(await client.servesDuring(stack.up()));
            await eventually("one task", async () => (await stack.engine.running("serving")).length === 1);
            succeeds(await stack.preview("--expect-no-changes"));
        });
    });

    describe("a replica that hangs", () => {
        const replicas = (more: Config = {}) =>
            configure({ serving: { port: stack.ports.api, replicas: 4 }, ...more });

        before(async () => {
            replicas();
            succeeds(await stack.up());
            await client.refresh();
        });

        it("costs seconds, and no prediction is lost", async () => {
            const [task] = await stack.engine.running("serving");
            const container = stack.engine.docker.getContainer(task!.Id);
            await container.pause();
            try {
                const began = Date.now();
                await Promise.all(Array.from({ length: 8 }, () => client.predict()));
                expect(Date.now() - began).to.be.below(20_000);
            } finally {
                await container.unpause();
            }
        });

        it("and an upload with a wrong password is told so, not cut off", async () => {
            const body = new Uint8Array(60 << 20);
            const url = `${client.outputs.apiUrl}/batch_predict`;
            const { status } = await client.request(url, { method: "POST", body }, "wrong");
            expect(status).to.equal(401);
        });

        it("and all of them are replaced two at a time, without a request lost", async () => {
            replicas({ logLevel: "WARNING" });
            const isGroup = async () => {
                const tasks = await stack.engine.running("serving");
                return tasks.filter(({ Status }) => Status.includes("health: starting")).length === 2;
            };
            const update = stack.up();
            const grouped = eventually("two tasks that prove themselves", isGroup);
            succeeds((await client.servesDuring(Promise.all([update, grouped])))[0]);
        });

        after(async () => {
            configure();
            succeeds(await stack.up());
        });
    });

    describe("an image that does not build", () => {
        it("fails up with the last lines of the build", async () => {
            inDockerfile("RUN echo the disk is full of sand && exit 3");
            fails(await client.servesDuring(stack.up()), "the disk is full of sand");
        });
    });
});
