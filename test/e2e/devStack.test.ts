import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { expect } from "chai";

import { benchIdle } from "../support/bench/benches";
import { BROKEN_TRAINERS } from "../support/stack/brokenTrainers";
import { Client } from "../support/stack/client";
import { fails, succeeds } from "../support/expectations";
import { freePort } from "../support/freePort";
import type { TestStack } from "../support/stack/stack";
import { suiteStack } from "../support/stack/suite";
import { BAD_SURVEYS, goodSurvey, spoilt } from "../support/stack/surveys";
import { proxyOfEngine } from "../support/engine/engineProxy";

const MINUTE = 60_000;

/**
 * One stack, from nothing to nothing. Each test begins where the one before ended. Mocha runs a suite's own tests
 * before its nested suites, so all tests are in nested suites. docs.test.ts has the quick start, a change of the
 * serving code and an own survey.
 */
describe("a stack on the real engine", function () {
    this.timeout(10 * MINUTE);
    this.bail(true);
    let stack: TestStack;
    let client: Client;

    suiteStack((made) => {
        stack = made;
        stack.configure();
    });

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
            expect(await stack.engine.left()).to.deep.equal([]);
            stack.configure();
        });

        it("says that a port is taken, and how to choose another", async () => {
            const holder = createServer().listen(stack.ports.api, "0.0.0.0");
            try {
                fails(await stack.up(), `serving.port: port ${stack.ports.api} is taken by another program`);
            } finally {
                holder.close();
            }
            expect(await stack.engine.left()).to.deep.equal([]);
        });

        it("says that no engine answers", async () => {
            const nowhere = { DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}` };
            const ended = await stack.startUp([], nowhere).ended;
            fails(ended, /no Docker engine answers at tcp:.*start it, or run: npm run setup/);
        });

        it("says that the engine is in no swarm, and how it joins one", async () => {
            const proxy = await proxyOfEngine(stack.engine.docker, (info) => ({
                ...info,
                Swarm: { LocalNodeState: "inactive", ControlAvailable: false },
            }));
            try {
                fails(
                    await stack.startUp([], { DOCKER_HOST: proxy.address }).ended,
                    /is in no swarm \(state inactive\); run: npm run setup, or: docker swarm init/,
                );
            } finally {
                proxy.close();
            }
            expect(await stack.engine.left()).to.deep.equal([]);
        });
    });

    describe("up", () => {
        it("trains, registers and serves", async () => {
            succeeds(await stack.up());
            client = await Client.of(stack);
            const { outputs } = client;
            expect(outputs.model).to.include({ name: "SeismicClassifier", version: "1", alias: "champion" });
            expect(outputs.model.sha256).to.match(/^[0-9a-f]{64}$/);
            expect(outputs.release).to.include({ ref: "main", dirty: false });
            expect(["normal", "anomaly", "boundary"]).to.include((await client.predict()).class);
        });

        it("answers with the commit, image and model that the stack says", async () => {
            const response = await client.request(`${client.outputs.apiUrl}/version`);
            expect(await response.json()).to.include({
                commit: client.outputs.release.commit,
                image: client.outputs.release.image,
                model_version: client.outputs.model.version,
                model_sha256: client.outputs.model.sha256,
            });
        });

        it("asks for credentials on everything but /health", async () => {
            for (const base of [client.outputs.apiUrl, client.outputs.mlflowUrl]) {
                expect((await fetch(`${base}/health`)).status).to.equal(200);
                expect((await fetch(`${base}/version`)).status).to.equal(401);
            }
            const wrong = await client.request(`${client.outputs.apiUrl}/version`, {}, "x");
            expect(wrong.status).to.equal(401);
        });

        it("shows MLflow's page, and refuses what another site sends to it", async () => {
            const page = await client.request(client.outputs.mlflowUrl);
            expect(page.status).to.equal(200);
            expect(await page.text()).to.include("<title>MLflow</title>");
            const create = (origin: string) =>
                client.request(`${client.outputs.mlflowUrl}/api/2.0/mlflow/experiments/create`, {
                    method: "POST",
                    headers: { "content-type": "application/json", origin },
                    body: JSON.stringify({ name: "from the page" }),
                });
            expect((await create("http://elsewhere.example")).status).to.equal(403);
            expect((await create("http://localhost:1")).status).to.equal(403);
            expect((await create(client.outputs.mlflowUrl)).status).to.equal(200);
        });

        it("has MLflow in one process, which answers to its own names alone and counts what it answers", async () => {
            const [mlflow] = await stack.engine.running("mlflow");
            const inMlflow = (text: string) => stack.engine.exec(mlflow!.Id, ["sh", "-ec", text]);
            const names = (await inMlflow("cat /proc/[0-9]*/comm")).trim().split("\n");
            expect(names.filter((it) => /python|mlflow|uvicorn/.test(it))).to.have.length(1);
            const asked = "curl -s http://127.0.0.1:5000/api/2.0/mlflow/experiments/search?max_results=1";
            expect(await inMlflow(asked)).to.include("experiment_id");
            expect(await inMlflow(`${asked} -H 'Host: elsewhere.example'`)).to.match(/^Invalid Host header/);
            const metrics = await inMlflow("curl -s http://127.0.0.1:5000/metrics");
            expect(metrics).to.match(/mlflow_http_request_total\{.*status="200"\} [1-9]/);
        });

        it("registers a model that loads without the trainer's source and takes raw traces", async () => {
            const labels = await stack.engine.python(
                client.outputs.release.image,
                "import mlflow, numpy\n" +
                    "model = mlflow.pyfunc.load_model('models:/SeismicClassifier@champion')\n" +
                    "print(sorted(set(model.predict(numpy.random.randn(5, 128).astype('float32')).tolist())))",
                [
                    "MLFLOW_TRACKING_URI=http://mlflow:5000",
                    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR=false",
                    // The image forbids it, because it runs the artifact's code.
                    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION=true",
                ],
            );
            expect(labels).to.match(/normal|anomaly|boundary/);
        });

        it("has nothing to do straight after, in preview and in up", async () => {
            succeeds(await stack.preview("--expect-no-changes"));
            succeeds(await stack.up("--expect-no-changes"));
        });

        it("is what the bench of an idle up measures, shortened", () => benchIdle(stack));

        it("trains again with training.run always, reproduces the model and touches nothing else", async () => {
            stack.configure({ training: { run: "always", trials: 2 } });
            const task = (await stack.engine.running("serving"))[0]?.Id;
            const changed = await stack.changed();
            expect(changed).to.deep.equal([stack.engine.physical("training")]);
            succeeds(await stack.up());
            const again = await stack.outputs();
            expect(again.model).to.deep.include({ version: "1", sha256: client.outputs.model.sha256 });
            expect((await stack.engine.running("serving"))[0]?.Id).to.equal(task);
            stack.configure();
        });

        it("is refused under another name, under which its registry would be empty", async () => {
            const renamed = `${stack.name}-renamed`;
            const rename = (from: string, to: string) => stack.pulumi("stack", "rename", to, "--stack", from);
            succeeds(await rename(stack.name, renamed));
            try {
                fails(
                    await stack.pulumi("preview", "--stack", renamed),
                    `rename it back with pulumi stack rename ${stack.name} --stack ${renamed}`,
                );
            } finally {
                succeeds(await rename(renamed, stack.name));
                stack.configure();
            }
            succeeds(await stack.preview("--expect-no-changes"));
        });

        it("is refused an update of a part, while another part that it leaves out has changed", async () => {
            for (const file of ["trainer/seismic/another.py", "kit/kit/another.py"]) {
                stack.project.write(file, "");
                fails(
                    await stack.up("--target", "**::serving-service"),
                    /this update leaves out the image .* and it has changed; run pulumi up without them/,
                );
                rmSync(join(stack.folder, file));
            }
            await client.servesOn();
        });

        it("keeps the password out of the state and of what the engine shows", async () => {
            const state = (await stack.pulumi("stack", "export", "--stack", stack.name)).output;
            expect(state).not.to.include(client.outputs.password);
            for (const role of ["gateway", "serving", "mlflow"]) {
                const inspected: unknown = await stack.engine.docker
                    .getService(stack.engine.physical(role))
                    .inspect();
                expect(JSON.stringify(inspected)).not.to.include(client.outputs.password);
            }
        });
    });

    describe("a failing training run", () => {
        afterEach(() => client.servesOn());

        for (const [what, text, says] of BROKEN_TRAINERS) {
            it(`${what} fails up with its last lines`, async () => {
                stack.project.write("trainer/seismic/train.py", text);
                stack.configure({
                    training: { run: "on-change", trials: 2, timeout: "5s", limits: { memory: "256m" } },
                });
                fails(await stack.up(), ...says);
            });
        }
    });

    describe("training on a folder", () => {
        let survey: string;
        before(async () => {
            stack.project.restore("trainer/seismic/train.py");
            survey = await goodSurvey(stack, client.outputs.release.image);
        });
        afterEach(() => client.servesOn());

        for (const [what, spoil, says] of BAD_SURVEYS) {
            it(`that is ${what} fails up and says where`, async () => {
                const folder = `survey-${what.replaceAll(" ", "-")}`;
                spoilt(survey, join(stack.folder, folder), spoil);
                stack.configure({ data: { source: "folder", path: folder } });
                fails(await stack.up(), ...says);
            });
        }

        it("that is not there says so before anything is changed", async () => {
            stack.configure({ data: { source: "folder", path: "nowhere" } });
            fails(await stack.up(), /data\.path: .*nowhere does not exist/);
        });
    });
});
