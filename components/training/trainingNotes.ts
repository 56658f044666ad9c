import * as pulumi from "@pulumi/pulumi";

import type { TrainingResult } from "./trainingResult";

/** Tells what a reader of `up` should know of a candidate that passed: warnings, doubts, and that nothing was trained. */
export function tellOf(result: TrainingResult, run: pulumi.Resource): void {
    const { version, takenUp } = result;
    const { compared, note, reasons } = result.gate;
    // A gate with the mode `warn` lets such a candidate pass.
    for (const reason of reasons) {
        void pulumi.log.warn(`the gate warns of version ${version}: ${reason}`, run);
    }
    if (compared && note !== "") {
        void pulumi.log.warn(`the gate notes of version ${version}: ${note}`, run);
    }
    if (takenUp === true) {
        const what = `version ${version} was trained and judged by retraining, with the same image and data`;
        void pulumi.log.info(`${what}: it is taken up, and nothing was trained again`, run);
    }
}
