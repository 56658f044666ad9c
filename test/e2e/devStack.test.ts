import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { fails, succeeds } from "./expectations";
import { freePort } from "./freePort";
import { TestStack } from "./stack";
import type { Outputs } from "./types";

const MINUTE = 60_000;

/** One stack, from nothing to nothing: each test begins where the one before it ended. Mocha runs a suite's own tests before its nested suites, so all are nested. */
describe("a stack on the real engine", function () {
    this.timeout(10 * MINUTE);
    let stack: TestStack;
    let outputs: Outputs;

    before(async () => {
        stack = await TestStack.create();
        stack.configure();
    });
    after(async () => {
        const ended = await stack.destroy();
        expect(ended.code, ended.output).to.equal(0);
        expect(await stack.left()).to.deep.equal([]);
    });

    const predict = async () => {
        const sample = await (await stack.request(outputs, `${outputs.apiUrl}/sample`)).text();
        const init = { method: "POST", headers: { "content-type": "application/json" }, body: sample };
        const response = await stack.request(outputs, `${outputs.apiUrl}/predict`, init);
        return (await response.json()) as { class: string; version: string };
    };
    const servesOn = async () => expect((await predict()).version).to.equal(outputs.model.version);

    describe("before anything is made", () => {
        it("names every problem of the configuration at once", async () => {
            stack.configure({ servng: {}, monitor: "5", environment: "dve" });
            fails(
                await stack.up(),
                "3 problems in the stack's configuration; nothing was changed",
                "servng: no such key; did you mean serving?",
                "environment: got dve; allowed: dev, staging, prod",
                'monitor: got 5; needs a duration such as "30s", "20m" or "1h"',
            );
            expect(await stack.left()).to.deep.equal([]);
            stack.configure();
        });

        it("says that a port is taken, and how to choose another", async () => {
            const holder = createServer().listen(stack.ports.api, "0.0.0.0");
            try {
                fails(await stack.up(), `serving.port: port ${stack.ports.api} is taken by another program`);
            } finally {
                holder.close();
            }
            expect(await stack.left()).to.deep.equal([]);
        });

        it("says that no engine answers", async () => {
            const host = process.env.DOCKER_HOST;
            process.env.DOCKER_HOST = `tcp://127.0.0.1:${await freePort()}`;
            try {
                fails(await stack.up(), /no Docker engine answers at tcp:.*start it, or run: npm run setup/);
            } finally {
                if (host === undefined) {
                    delete process.env.DOCKER_HOST;
                } else {
                    process.env.DOCKER_HOST = host;
                }
            }
        });
    });

    describe("up", () => {
        it("trains, registers and serves", async () => {
            succeeds(await stack.up());
            outputs = await stack.outputs();
            expect(outputs.model).to.include({ name: "SeismicClassifier", version: "1", alias: "champion" });
            expect(outputs.model.sha256).to.match(/^[0-9a-f]{64}$/);
            expect(outputs.release).to.include({ ref: "main", dirty: false });
            expect(["normal", "anomaly", "boundary"]).to.include((await predict()).class);
        });

        it("answers with the commit, image and model that the stack says", async () => {
            const response = await stack.request(outputs, `${outputs.apiUrl}/version`);
            expect(await response.json()).to.include({
                commit: outputs.release.commit,
                image: outputs.release.image,
                model_version: outputs.model.version,
                model_sha256: outputs.model.sha256,
            });
        });

        it("asks for credentials on everything but /health", async () => {
            for (const base of [outputs.apiUrl, outputs.mlflowUrl]) {
                expect((await fetch(`${base}/health`)).status).to.equal(200);
                expect((await fetch(`${base}/version`)).status).to.equal(401);
            }
            const wrong = await stack.request({ ...outputs, password: "x" }, `${outputs.apiUrl}/version`);
            expect(wrong.status).to.equal(401);
        });

        it("shows MLflow's page, and refuses what another site sends to it", async () => {
            const page = await stack.request(outputs, outputs.mlflowUrl);
            expect(page.status).to.equal(200);
            expect(await page.text()).to.include("<title>MLflow</title>");
            const create = (origin: string) =>
                stack.request(outputs, `${outputs.mlflowUrl}/api/2.0/mlflow/experiments/create`, {
                    method: "POST",
                    headers: { "content-type": "application/json", origin },
                    body: JSON.stringify({ name: "from the page" }),
                });
            expect((await create("http://elsewhere.example")).status).to.equal(403);
            expect((await create("http://localhost:1")).status).to.equal(403);
            expect((await create(outputs.mlflowUrl)).status).to.equal(200);
        });

        it("registers a model that loads without the trainer's source and takes raw traces", async () => {
            const labels = await stack.python(
                outputs.release.image,
                "import mlflow, numpy\n" +
                    "model = mlflow.pyfunc.load_model('models:/SeismicClassifier@champion')\n" +
                    "print(sorted(set(model.predict(numpy.random.randn(5, 128).astype('float32')).tolist())))",
                ["MLFLOW_TRACKING_URI=http://mlflow:5000", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR=false"],
            );
            expect(labels).to.match(/normal|anomaly|boundary/);
        });

        it("has nothing to do straight after, in preview and in up", async () => {
            succeeds(await stack.preview("--expect-no-changes"));
            succeeds(await stack.up("--expect-no-changes"));
        });

        it("trains again with training.run always, reproduces the model and touches nothing else", async () => {
            stack.configure({ training: { run: "always", trials: 2 } });
            const task = (await stack.running("serving"))[0]?.Id;
            const changed = await stack.changed();
            expect(changed).to.deep.equal([stack.physical("training")]);
            succeeds(await stack.up());
            const again = await stack.outputs();
            expect(again.model).to.deep.include({ version: "1", sha256: outputs.model.sha256 });
            expect((await stack.running("serving"))[0]?.Id).to.equal(task);
            stack.configure();
        });

        it("keeps the password out of the state and of what the engine shows", async () => {
            const state = (await stack.pulumi("stack", "export", "--stack", stack.name)).output;
            expect(state).not.to.include(outputs.password);
            for (const role of ["gateway", "serving", "mlflow"]) {
                const inspected: unknown = await stack.docker.getService(stack.physical(role)).inspect();
                expect(JSON.stringify(inspected)).not.to.include(outputs.password);
            }
        });
    });

    describe("a failing training run", () => {
        afterEach(servesOn);

        const trainers: [string, string, (string | RegExp)[]][] = [
            [
                "that exits with an error",
                'import sys; print("cannot go on: disk on fire", file=sys.stderr); sys.exit(7)',
                ["the training run failed: exit code 7", "| cannot go on: disk on fire"],
            ],
            ["that prints no result", 'print("all done")', ["printed no result", "| all done"]],
            [
                "that takes all its memory",
                "x = [bytearray(10_000_000) for _ in range(10_000)]",
                [/killed for memory: exit code 137; raise training.limits.memory/],
            ],
            [
                "that takes too long",
                'import sys, time; print("waiting", file=sys.stderr, flush=True); time.sleep(600)',
                ["training.timeout: the run took longer than 5s and was stopped"],
            ],
        ];
        for (const [what, text, says] of trainers) {
            it(`${what} fails up with its last lines`, async () => {
                stack.write("trainer/seismic/train.py", text);
                stack.configure({
                    training: { run: "on-change", trials: 2, timeout: "5s", limits: { memory: "256m" } },
                });
                fails(await stack.up(), ...says);
            });
        }

        it("on unusable data names the file and the trace", async () => {
            stack.restore("trainer/seismic/train.py");
            stack.write("survey/line.sgy", "this is no SEG-Y");
            stack.write("survey/labels.csv", "file,trace,label\nline.sgy,1,normal\n");
            stack.configure({ data: { source: "folder", path: "survey" } });
            fails(await stack.up(), /exit code 3/, /\/data\/line\.sgy/);
        });

        it("on a data folder that is not there says so before anything is changed", async () => {
            stack.configure({ data: { source: "folder", path: "nowhere" } });
            fails(await stack.up(), /data\.path: .*nowhere does not exist/);
        });
    });

    describe("afterwards", () => {
        it("recovers by itself from a failed run", async () => {
            stack.configure();
            succeeds(await stack.up());
            expect(await stack.outputs()).to.deep.nested.include({ "model.sha256": outputs.model.sha256 });
            await servesOn();
        });

        it("notices new tasks that die some seconds after they start, and the version before serves", async () => {
            const startup = "trainer/seismic/serving/__main__.py";
            stack.write(
                startup,
                "import os, sys, threading\n" +
                    "def die():\n    print('dying after 8 s', file=sys.stderr, flush=True)\n    os._exit(9)\n" +
                    "threading.Timer(float(os.environ.get('DIE_AFTER', '14')), die).start()\n" +
                    "from seismic.serving.startup import main\nmain()\n",
            );
            stack.configure({ monitor: "15s" });
            fails(await stack.up(), "the engine went back to the version before", "| dying after 8 s");
            await servesOn();
            stack.restore(startup);
            succeeds(await stack.up());
            outputs = await stack.outputs();
            await servesOn();
        });

        it("killed while it trains, converges with the command that its message names", async () => {
            stack.configure({ training: { run: "always", trials: 2 } });
            const killed = stack.start("up", "--yes", "--skip-preview", "--stack", stack.name);
            while ((await stack.running("training")).length === 0) {
                await sleep(200);
            }
            killed.kill();
            await killed.ended;
            await servesOn();
            fails(await stack.up(), "pulumi cancel");
            succeeds(await stack.pulumi("cancel", "--yes", "--stack", stack.name));
            succeeds(await stack.up());
            expect(await stack.running("training")).to.have.length(0);
            const trained = await stack.docker.listContainers({
                all: true,
                filters: { label: [`seismic.stack=${stack.name}`, "seismic.role=training"] },
            });
            expect(trained).to.have.length(1);
            await servesOn();
        });
    });
});
