import { expect } from "chai";

import { Client } from "../support/stack/client";
import { fails, succeeds } from "../support/expectations";
import type { TestStack } from "../support/stack/stack";
import { stub, STUB_FOLDER } from "../support/stack/stub";
import { suiteStack } from "../support/stack/suite";
import { chooseByTheGuide, TABULAR, TABULAR_IMAGE } from "../support/stack/tabular";

const MINUTE = 60_000;
/** A schedule that no test waits for. */
const SCHEDULED = { schedule: "0 3 * * 1" };

/**
 * A dev stack with another trainer, which only its configuration chooses. Each test begins where the one before
 * ended. pipeline.test.ts shows how another trainer reaches staging and production.
 */
describe("another team's trainer", function () {
    this.timeout(5 * MINUTE);
    this.bail(true);
    let stack: TestStack;

    suiteStack((made) => {
        stack = made;
    });

    it("is refused, before anything is made, for what it lacks and the configuration asks for", async () => {
        stack.configure({ ...stub(), statusPage: true, retraining: SCHEDULED });
        fails(
            await stack.preview(),
            `statusPage: got true; ${STUB_FOLDER}/stub has no status.py and no status/__main__.py`,
            `retraining: got onDrift or schedule; ${STUB_FOLDER}/stub has no retraining.py`,
        );
        stack.configure({ trainer: { path: "examples/none" } });
        fails(await stack.preview(), "trainer.path: got examples/none; main (");
        expect(await stack.engine.left()).to.deep.equal([]);
    });

    it("is chosen as the guide says, trains, and answers as it was trained to", async () => {
        stack.configure({ statusPage: true, sourceMount: true, retraining: SCHEDULED });
        await chooseByTheGuide(stack);
        succeeds(await stack.up());
        const client = await Client.of(stack);
        expect(client.outputs.model).to.include({ name: "WineClassifier", version: "1", alias: "champion" });
        expect(client.outputs.release.image).to.match(new RegExp(`^${TABULAR_IMAGE}:[0-9a-f]{16}$`));
        expect(client.outputs.releases[0]!.metrics.macroF1).to.be.greaterThan(0.9);
        await client.answersAsTrained();
        succeeds(await stack.preview("--expect-no-changes"));
    });

    it("has what any trainer on the kit has: drift, a status page, retraining, uploads", async () => {
        const client = await Client.of(stack);
        const { apiUrl, statusUrl } = client.outputs;
        const reference = JSON.parse(await client.artifact("drift_reference.json")) as { features: object };
        const { row } = (await (await client.sample()).json()) as { row: Record<string, number> };
        expect(Object.keys(reference.features)).to.deep.equal(Object.keys(row));

        const page = await client.request(statusUrl);
        expect([page.status, await page.text()].join(" "))
            .to.match(/^200 .*/)
            .and.include("WineClassifier");
        const decisions = await client.request(`${apiUrl}/retraining/decisions`);
        expect(decisions.status, await decisions.text()).to.equal(200);

        const upload = await client.request(`${apiUrl}/batch_predict`, {
            method: "POST",
            headers: { "content-type": "application/octet-stream" },
            body: `${Object.keys(row).join()}\n${Object.values(row).join()}\n`,
        });
        const { class: answer } = await client.predict();
        expect(await upload.text()).to.match(new RegExp(`^line,class,.*\n2,${answer},`));
    });

    it("gives the same model when it is trained once more, away from every network", async () => {
        const verified = await stack.script("verify", "--stack", stack.name);
        succeeds(verified);
        expect(verified.output)
            .to.match(/ok +trained again/)
            .and.include("All is as the stack says.");
    });

    it("fails up for what it refuses, in its own words, and what serves serves on", async () => {
        const client = await Client.of(stack);
        const train = (hyperparameters: object) => {
            const training = { run: "on-change", trials: 2, hyperparameters };
            stack.configure({ ...TABULAR, sourceMount: true, training });
            return stack.up();
        };
        fails(
            await train({ D: 1 }),
            "the training run failed: exit code 2",
            "HYPERPARAMETERS: D: no parameter",
        );
        fails(
            await train({ C: 1e-6 }),
            "the gate refused WineClassifier version 2 (challenger in MLflow); version 1 serves on",
            /macro F1 0\.\d+ is 0\.\d+ below the 0\.\d+ of the champion \(version 1\); at most 0\.020 is allowed/,
        );
        await client.servesOn();
        await client.answersAsTrained();
    });
});
