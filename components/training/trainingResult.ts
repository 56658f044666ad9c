import { z } from "zod";

import { parseJson } from "../../common/json";
import { numbers } from "../../releases/records";

/** The gate's result for a run that has no gate. */
export const PASSED = { passed: true, reasons: [] as string[], compared: true, note: "" };

const HASH = /^[0-9a-f]{64}$/;

const schema = z.looseObject({
    version: z.string().min(1),
    /** The version's alias: "champion" when this version serves. */
    alias: z.string(),
    runId: z.string().min(1),
    sha256: z.string().regex(HASH),
    /** The hash of the version's files. Serving checks it before it opens them. Not every trainer reports it. */
    filesSha256: z.string().regex(HASH).optional(),
    /** Whether the run made a model that was already registered, and so registered nothing. */
    reproduced: z.boolean(),
    /** The metrics that are one number. The figures of each class are in MLflow. */
    metrics: numbers,
    dataSha256: z.string(),
    /** When the registered version was made, ISO 8601. */
    trainedAt: z.string(),
    /** The gate's judgement of the candidate. A trainer that judges nothing refuses nothing. */
    gate: z
        .object({
            passed: z.boolean(),
            /** The reasons for the refusal, a sentence each. */
            reasons: z.array(z.string()),
            /** Whether the candidate was compared with the champion. If not, `note` says why. */
            compared: z.boolean().default(true),
            note: z.string().default(""),
        })
        .default(PASSED),
});

/** The result of a trainer, with the version that its run registered: docs/trainer-contract.md. */
export type TrainingResult = Pick<
    z.infer<typeof schema>,
    | "version"
    | "alias"
    | "runId"
    | "sha256"
    | "filesSha256"
    | "reproduced"
    | "metrics"
    | "dataSha256"
    | "trainedAt"
    | "gate"
>;

/**
 * Finds the result that a trainer printed: the last line of its log that is a result. The
 * log has both streams of the trainer, and a library may have written after the result.
 *
 * @returns undefined when there is no such line
 */
export function parseResult(log: string | undefined): TrainingResult | undefined {
    for (const line of (log ?? "").trimEnd().split("\n").reverse()) {
        const result = line.startsWith("{") ? schema.safeParse(parseJson(line)) : undefined;
        if (result?.success) {
            return result.data;
        }
    }
    return undefined;
}
