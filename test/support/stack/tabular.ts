import { expect } from "chai";

import { firstDifference, parseExpectations } from "../../../components/release/smokeTest";
import { readDocument } from "../pages/documents";
import type { Client } from "./client";
import { succeeds } from "../expectations";
import type { Config, TestStack } from "./stack";

/** The folder of the example trainer, and the name of the image that it makes. */
export const TABULAR_FOLDER = "examples/tabular";
export const TABULAR_IMAGE = "seismic-mlops/examples-tabular";

/** What chooses the example trainer, which learns from a table within seconds; its model goes by a name of its own. */
export const TABULAR: Config = {
    trainer: { path: TABULAR_FOLDER, package: "tabular" },
    model: { name: "WineClassifier" },
};

/** The page that says how a team has a trainer, and a project name, of its own. */
export const TRAINER_GUIDE = "docs/bring-your-own-trainer.md";

/** Sets what the guide tells its readers to set, in a stack that has other names and ports. */
export async function chooseByTheGuide(stack: TestStack): Promise<void> {
    const commands = readDocument(TRAINER_GUIDE).match(/^pulumi config set .* --stack wine$/gm) ?? [];
    expect(commands, "commands of the guide").to.have.length.above(4);
    for (const command of commands) {
        const [, ...args] = command.replace("--stack wine", `--stack ${stack.name}`).split(" ");
        succeeds(await stack.pulumi(...args));
    }
}

/** That users get, through the gateway, the answers which the training run left for the version that serves. */
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
