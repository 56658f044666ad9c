import { z } from "zod";

const schema = z.looseObject({
    version: z.string().min(1),
    runId: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    alias: z.string(),
    /** Whether the run gave a model that was registered before, and so registered nothing. */
    reproduced: z.boolean(),
    metrics: z.record(z.string(), z.unknown()),
    dataSha256: z.string(),
    /** When the registered version was made, ISO 8601. */
    trainedAt: z.string(),
});

/** What a training run registered: the trainer's result, docs/trainer-contract.md. */
export type TrainingResult = Pick<
    z.infer<typeof schema>,
    "version" | "runId" | "sha256" | "alias" | "reproduced" | "metrics" | "dataSha256" | "trainedAt"
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

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
