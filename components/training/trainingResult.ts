import { z } from "zod";

import { parseJson } from "../../common/json";
import { fieldsOf } from "../../contract/checks";
import { UNGATED } from "../../contract/names";
import { numbers } from "../../releases/records";

/** The result of a trainer, with the version that its run registered: contract/trainer.schema.json. */
export interface TrainingResult {
    version: string;
    alias: string;
    runId: string;
    sha256: string;
    /** Not every trainer reports it. */
    filesSha256?: string | undefined;
    reproduced: boolean;
    /** The version is a candidate of retraining, and nothing was trained again. */
    takenUp?: true | undefined;
    /** The metrics that are one number. The figures of each class are in MLflow. */
    metrics: Record<string, number>;
    dataSha256: string;
    /** ISO 8601. */
    trainedAt: string;
    gate: {
        passed: boolean;
        reasons: string[];
        compared: boolean;
        note: string;
    };
}

/** The gate's result for a run that has no gate. */
export const PASSED: TrainingResult["gate"] = UNGATED;

/** Checks the fields that are read here. A trainer of any release may have others, and they are not looked at. */
function schema(): z.ZodType<TrainingResult> {
    const judgement = fieldsOf("judgement", ["passed", "reasons", "compared", "note"]);
    return z.looseObject({
        ...fieldsOf("result", [
            ...(["version", "alias", "runId", "sha256", "filesSha256", "reproduced"] as const),
            ...(["dataSha256", "trainedAt", "takenUp"] as const),
        ]),
        metrics: numbers,
        gate: z.object(judgement).default(PASSED),
    }) as unknown as z.ZodType<TrainingResult>;
}

/** Made for the first line that may be a result: an update that trains nothing needs no schema. */
let made: z.ZodType<TrainingResult> | undefined;

/**
 * Finds the result that a trainer printed: the last line of its log that is a result. The
 * log has both streams of the trainer, and a library may have written after the result.
 *
 * @returns undefined when there is no such line
 */
export function parseResult(log: string | undefined): TrainingResult | undefined {
    for (const line of (log ?? "").trimEnd().split("\n").reverse()) {
        const value = line.startsWith("{") ? parseJson(line) : undefined;
        const result = value === undefined ? undefined : (made ??= schema()).safeParse(value);
        if (result?.success) {
            return result.data;
        }
    }
    return undefined;
}
