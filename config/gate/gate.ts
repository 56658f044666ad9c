import { z } from "zod";

import type { EnvironmentDefaults } from "../environments";
import { fraction, line, share } from "../types";
import { type Better, directionOf, DIRECTIONS } from "./directions";

const figure = line("the name of a figure, such as macroF1 or recall.anomaly");

const NUMBER = { error: "needs a number" };
const limit = fraction(z.number(NUMBER)).optional();
const bound = z
    .strictObject({ min: limit, max: limit })
    .refine(({ min, max }) => min !== undefined || max !== undefined, { error: "needs min, max or both" })
    .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
        error: "needs a min that does not exceed its max",
    });

const LOSS = {
    error: 'needs a number of 0 or more, or such a number as by and "higher" or "lower" as better',
};
const by = fraction(z.number().min(0));
const loss = z.union([by, z.strictObject({ by, better: z.enum(DIRECTIONS) })], LOSS);

/** The figures that have a number by default. Trainers of every release take these as numbers. */
const measures = {
    macroF1: share.default(0.02),
    accuracy: share.default(0.02),
    recall: share.default(0.05),
};

export const gate = z
    .strictObject({
        /** What happens to a candidate that cannot be compared with the serving model. */
        uncompared: z.enum(["refuse", "floors"]).optional(),
        /** The figures that a candidate must reach on its hold-out. */
        floors: z
            .strictObject({
                macroF1: share.optional(),
                accuracy: share.optional(),
                /** The least recall of each class. */
                recall: share.optional(),
                /** The least recall of single classes, instead of `recall`. */
                classRecall: z.record(line("the name of a class"), share).optional(),
            })
            .prefault({}),
        /** How much worse than the champion's a candidate's figures on the same hold-out may be. */
        regression: z
            .object(measures)
            .catchall(loss)
            .superRefine((given, context) => {
                for (const [name, input] of Object.entries(given)) {
                    if (isNumberOf(name, input) && directionOf(name) === undefined) {
                        const message =
                            `needs by and better, for only its trainer knows which values of ${name} are better: ` +
                            `{ by: ${input}, better: lower }`;
                        context.addIssue({ code: "custom", path: [name], input, message });
                    }
                }
            })
            .prefault({}),
        /** The least and the greatest value of any figure of a candidate. */
        bounds: z.record(figure, bound).optional(),
        /** Whether a candidate that does not meet the bounds is refused, or passes with a warning. */
        mode: z.enum(["block", "warn"]).optional(),
    })
    .prefault({});

/**
 * The floors that the environment gave and not the stack. They hold for a model that has such figures: a regressor has
 * none of them. They are told apart outside of the gate, because another gate is a reason to train again.
 */
export function defaultFloorsOf(
    { floors: given }: z.output<typeof gate>,
    { floors }: Pick<EnvironmentDefaults, "floors">,
): string[] {
    return Object.keys(floors).filter((name) => !(name in given));
}

type Loss = Readonly<{ by: number; better: Better }>;

/**
 * Fills in the environment's defaults.
 *
 * A trainer of an earlier release refuses keys that it does not know, and another gate is a reason to train again. So
 * the result has a key for bounds or mode only if these ask for something.
 */
export function completeGate(
    { regression, bounds = {}, mode, ...given }: z.output<typeof gate>,
    { uncompared, floors }: Pick<EnvironmentDefaults, "uncompared" | "floors">,
) {
    return {
        uncompared,
        ...given,
        floors: { ...floors, ...given.floors },
        regression: withDirections(regression),
        ...(Object.keys(bounds).length > 0 ? { bounds } : {}),
        ...(mode === "warn" ? { mode } : {}),
    };
}

/** A trainer need not know directions: only the measures are told as numbers. */
function withDirections(given: z.output<typeof gate>["regression"]) {
    const { macroF1, accuracy, recall, ...others } = given;
    const told = Object.entries(others).map(([name, input]): [string, Loss] => [
        name,
        // A figure of unknown direction is a problem that is told elsewhere.
        isNumberOf(name, input) ? { by: input, better: directionOf(name) ?? "higher" } : (input as Loss),
    ]);
    return { macroF1, accuracy, recall, ...Object.fromEntries(told) };
}

function isNumberOf(name: string, given: unknown): given is number {
    return !(name in measures) && typeof given === "number";
}
