/** Whether an update trains. Pure: `planTraining` looks, and acts on the verdict. */
import type { StackConfig } from "../../config/schema";

/** What decides whether an update trains. */
export interface TrainingFacts {
    /** The stack's `training.run`. */
    readonly run: StackConfig["training"]["run"];
    /** Which release was made of the same code, data and parameters. */
    readonly made: "none" | "an earlier one" | "the one that serves";
    /** Whether the registry has the version of that release, with its hash; undefined where it cannot be asked. */
    readonly registered: boolean | undefined;
    /** Whether the newest run that the engine knows of was of the same, and succeeded. */
    readonly stands: boolean;
}

/**
 * "keep" serves a registered version without training: the one that was made of the same, else the one that serves.
 * "stand" declares the newest run as it is, so nothing is trained. "train" makes a run.
 */
export type TrainingVerdict = "keep" | "stand" | "train";

/** The first row whose values all hold decides. */
const TABLE: readonly (readonly [when: Partial<TrainingFacts>, then: TrainingVerdict])[] = [
    [{ run: "never" }, "keep"],
    [{ made: "an earlier one", registered: true }, "keep"],
    [{ run: "always" }, "train"],
    // Somebody removed from the registry the version that serves, so it is made again.
    [{ made: "the one that serves", registered: false }, "train"],
    [{ stands: true }, "stand"],
    [{ made: "the one that serves" }, "keep"],
    [{}, "train"],
];

/** Whether an update trains. */
export function judgeTraining(facts: TrainingFacts): TrainingVerdict {
    const [, verdict] = TABLE.find(([when]) => holds(when, facts))!;
    return verdict;
}

/** Whether the verdict depends on what the registry has. It is asked only then, for an idle update shall be quick. */
export function needsRegistry({ run, made }: Pick<TrainingFacts, "run" | "made">): boolean {
    const verdictWith = (registered: boolean) => judgeTraining({ run, made, registered, stands: false });
    return verdictWith(true) !== verdictWith(false);
}

function holds(when: Partial<TrainingFacts>, facts: TrainingFacts): boolean {
    return (Object.keys(when) as (keyof TrainingFacts)[]).every((key) => when[key] === facts[key]);
}
