import { expect } from "chai";

import { SERVING_METRICS_PORT } from "../../components/serving/modelServing";
import { succeeds } from "../support/expectations";
import { Client } from "../support/stack/client";
import type { TestStack } from "../support/stack/stack";
import { suiteStack } from "../support/stack/suite";

const MINUTE = 60_000;

/** The config that chooses the forecasting trainer, with bounds of figures that only a regressor has. */
const FORECAST = {
    trainer: { path: "examples/forecast", package: "forecast", settings: { horizon: 36 } },
    model: { name: "DemandForecast" },
    data: { source: "demo", traces: 10_000, seed: 11 },
    training: { trials: 2 },
    gate: {
        bounds: { rmse: { max: 100 }, skill: { min: 0.05 } },
        regression: { rmse: { by: 5, better: "lower" } },
    },
    statusPage: true,
};

/** A dev stack whose trainer is no classifier. Each test begins where the one before ended. */
describe("a trainer of time series", function () {
    this.timeout(5 * MINUTE);
    this.bail(true);
    let stack: TestStack;
    let client: Client;

    suiteStack((made) => {
        stack = made;
        stack.configure(FORECAST);
    });

    it("trains, passes a gate of its own figures, and answers as it was trained to", async () => {
        succeeds(await stack.up());
        client = await Client.of(stack);
        expect(client.outputs.model).to.include({ name: "DemandForecast", version: "1", alias: "champion" });
        const { rmse, naiveRmse, skill } = client.outputs.releases[0]!.metrics;
        expect(rmse).to.be.lessThan(naiveRmse!);
        expect(skill).to.be.within(0.05, 1);
        await client.answersAsTrained();
    });

    it("forecasts the hour that its horizon says, and counts its forecasts", async () => {
        const { window } = (await (await client.sample()).json()) as { window: { history: number[] } };
        expect(window.history).to.have.length(168);
        const info = await client.request(`${client.outputs.apiUrl}/model_info`);
        expect(await info.json()).to.include({ kind: "regression", horizon: 36 });
        const { value } = (await client.predict()) as unknown as { value: number };
        expect(value).to.be.within(Math.min(...window.history) / 2, Math.max(...window.history) * 2);
        const [task] = await stack.engine.running("serving");
        const address = `http://127.0.0.1:${SERVING_METRICS_PORT}/metrics`;
        const metrics = await stack.engine.exec(task!.Id, ["curl", "-s", address]);
        expect(metrics).to.match(/_predictions_total\{.*class="".*\} [1-9]/);
    });

    it("has the status page of any trainer", async () => {
        const page = await (await client.request(client.outputs.statusUrl)).text();
        expect(page).to.include("DemandForecast").and.include("<h2");
    });

    it("gives the same model again, and what serves stays as it is", async () => {
        const before = (await stack.engine.running("serving"))[0]?.Id;
        stack.configure({ ...FORECAST, training: { ...FORECAST.training, run: "always" } });
        succeeds(await stack.up());
        const { sha256 } = client.outputs.model;
        expect((await client.refresh()).model).to.include({ version: "1", sha256 });
        expect((await stack.engine.running("serving"))[0]?.Id).to.equal(before);
        await client.servesOn();
    });
});
