import { expect } from "chai";

import { firstDifference, parseExpectations } from "../../../components/release/smokeTest";
import { readDocument } from "../pages/documents";
import type { Client } from "./client";
import { succeeds } from "../expectations";
import type { Config, TestStack } from "./stack";

/** The folder of the example trainer, and the name of its image. */
export const TABULAR_FOLDER = "examples/tabular";
export const TABULAR_IMAGE = "seismic-mlops/examples-tabular";

/**
 * The config that chooses the example trainer. It learns from a table within seconds, and its model has its own name.
 */
export const TABULAR: Config = {
    trainer: { path: TABULAR_FOLDER, package: "tabular" },
    model: { name: "WineClassifier" },
};

/** The page about a team's own trainer and project name. */
export const TRAINER_GUIDE = "docs/bring-your-own-trainer.md";

/** Sets the guide's keys in a stack with other names and ports. */
export async function chooseByTheGuide(stack: TestStack): Promise<void> {
    const commands = readDocument(TRAINER_GUIDE).match(/^pulumi config set .* --stack wine$/gm) ?? [];
    expect(commands, "commands of the guide").to.have.length.above(4);
    for (const command of commands) {
        const [, ...args] = command.replace("--stack wine", `--stack ${stack.name}`).split(" ");
        succeeds(await stack.pulumi(...args));
    }
}

/** Checks that the gateway gives the answers that the training run stored for the serving version. */
export async function answersAsTrained(client: Client): Promise<void> {
    const { outputs } = client;
    const [release] = outputs.releases;
    const artifact = `${outputs.mlflowUrl}/get-artifact?path=expectations.json&run_uuid=${release!.runId}`;
    const { requests } = parseExpectations(await (await client.request(artifact)).text());
    expect(requests.map(({ path }) => path)).to.deep.equal(["/predict", "/batch_predict"]);
    for (const { path, body, answer } of requests) {
        const init = {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
        };
        const response = await client.request(`${outputs.apiUrl}${path}`, init);
        const text = await response.text();
        expect(response.status, text).to.equal(200);
        expect(firstDifference("", answer, JSON.parse(text)), path).to.equal(undefined);
    }
}
