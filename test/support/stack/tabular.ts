import { expect } from "chai";

import { readDocument } from "../pages/documents";
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
