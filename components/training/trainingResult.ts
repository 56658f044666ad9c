import { z } from "zod";

import { parseJson } from "../../common/json";
import { numbers } from "../../releases/records";

/** The gate of a run without one. */
export const PASSED = { passed: true, reasons: [] as string[], compared: true, note: "" };

const HASH = /^[0-9a-f]{64}$/;

const schema = z.looseObject({
    version: z.string().min(1),
    /** Of the version: "champion" when it is the one that serves. */
    alias: z.string(),
    runId: z.string().min(1),
    sha256: z.string().regex(HASH),
    /** Of the version's files, which serving checks before it opens them; not every trainer tells. */
    filesSha256: z.string().regex(HASH).optional(),
    /** Whether the run gave a model that was registered before, and so registered nothing. */
    reproduced: z.boolean(),
    /** Those that are one number; the figures of each class are in MLflow. */
    metrics: numbers,
    dataSha256: z.string(),
    /** When the registered version was made, ISO 8601. */
    trainedAt: z.string(),
    /** How the candidate was judged; a trainer that judges nothing refuses nothing. */
    gate: z
        .object({
            passed: z.boolean(),
            /** Why it was refused, a sentence each. */
            reasons: z.array(z.string()),
            /** Whether it was compared with the champion, and why not. */
            compared: z.boolean().default(true),
            note: z.string().default(""),
        })
        .default(PASSED),
});

/** What a training run registered: the trainer's result, docs/trainer-contract.md. */
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
 * The result that a trainer printed: the last line of its log that is one. The
 * log holds both of its streams, and a library may have written after it.
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
