import { expect } from "chai";

import { Client } from "./client";
import { fails, succeeds } from "./expectations";
import { suiteStacks } from "./suite";
import { answersAsTrained, chooseByTheGuide, TABULAR, TABULAR_FOLDER, TABULAR_IMAGE } from "./tabular";
import { Trio } from "./trio";

const MINUTE = 60_000;

/**
 * Stacks that differ from others by their configuration only: each test begins where the one before it ended. On to
 * production, this trainer is taken by the workflows: pipeline.test.ts.
 */
describe("another team's trainer", function () {
    this.timeout(5 * MINUTE);
    let trio: Trio;

    suiteStacks(async (project, make) => {
        trio = new Trio(project, make);
        for (const environment of ["dev", "staging", "prod"] as const) {
            await trio.init(environment);
        }
    });

    it("is refused, before anything is made, for what it lacks and the configuration asks for", async () => {
        trio.dev.configure({ ...TABULAR, statusPage: true, retraining: { schedule: "0 3 * * 1" } });
        fails(
            await trio.dev.preview(),
            `statusPage: got true; ${TABULAR_FOLDER}/tabular has no status.py and no status/__main__.py`,
            `retraining: got onDrift or schedule; ${TABULAR_FOLDER}/tabular has no retraining.py`,
        );
        trio.dev.configure({ trainer: { path: "examples/none" } });
        fails(await trio.dev.preview(), "trainer.path: got examples/none; main (");
        expect(await trio.dev.engine.left()).to.deep.equal([]);
    });

    it("trains in dev from the working tree, in staging what is committed: the same model of the same data", async () => {
        trio.dev.configure({ statusPage: true, sourceMount: true });
        await chooseByTheGuide(trio.dev);
        trio.staging.configure({ environment: "staging", ...TABULAR });
        for (const ended of await Promise.all([trio.dev.up(), trio.staging.up()])) {
            succeeds(ended);
        }
        const dev = await Client.of(trio.dev);
        const staging = (trio.clients.staging = await Client.of(trio.staging));
        expect(dev.outputs.model).to.include({ name: "WineClassifier", version: "1", alias: "champion" });
        expect(dev.outputs.release.image).to.match(new RegExp(`^${TABULAR_IMAGE}:[0-9a-f]{16}$`));
        expect(staging.outputs.model.sha256).to.equal(dev.outputs.model.sha256);
        expect(staging.outputs.releases[0]!.metrics.macroF1).to.be.greaterThan(0.9);
        await answersAsTrained(dev);
        succeeds(await trio.dev.preview("--expect-no-changes"));
    });

    it("fails up for what it refuses, in its own words, and what serves serves on", async () => {
        const client = await Client.of(trio.dev);
        const train = (hyperparameters: object) => {
            const training = { run: "on-change", trials: 2, hyperparameters };
            trio.dev.configure({ ...TABULAR, sourceMount: true, training });
            return trio.dev.up();
        };
        fails(await train({ D: 1 }), "the training run failed: exit code 2", "HYPERPARAMETERS.D: got 1");
        fails(
            await train({ C: 1e-6 }),
            "the gate refused WineClassifier version 2 (challenger in MLflow); version 1 serves on",
            /macro F1 0\.\d+ is 0\.\d+ below the 0\.\d+ of the champion \(version 1\); at most 0\.020 is allowed/,
        );
        await client.servesOn();
        await answersAsTrained(client);
    });

    it("is not to be taken for the one of the same commit that staging did not validate", async () => {
        const commit = trio.project.head();
        const says = `trainer.path: it makes the image seismic-mlops/trainer; what was validated of ${commit.slice(0, 12)} is ${TABULAR_IMAGE}`;
        trio.configureProd({ release: commit });
        fails(await trio.prod.preview(), says);
        fails(await trio.promote(), says);
        expect(await trio.prod.engine.left()).to.deep.equal([]);
    });
});
