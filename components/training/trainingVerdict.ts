/** Decides whether an update trains. Pure: `planTraining` looks, and acts on the verdict. */
import type { StackConfig } from "../../config/schema";

/** The facts that decide whether an update trains. */
export interface TrainingFacts {
    /** The stack's `training.run`. */
    readonly run: StackConfig["training"]["run"];
    /** The release that was made of the same code, data and parameters. */
    readonly made: "none" | "an earlier one" | "the one that serves";
    /**
     * Whether the registry has the version of that release, with its hash; undefined when the registry cannot be asked.
     */
    readonly registered: boolean | undefined;
    /** Whether the newest run that the engine has was a run with the same ingredients, and succeeded. */
    readonly stands: boolean;
}

/**
 * "keep" serves a registered version without training: the version that was made of the same ingredients, else
 * the serving version. "stand" declares the newest run as it is, so nothing is trained. "train" makes a run.
 */
export type TrainingVerdict = "keep" | "stand" | "train";

/** The first row whose values all hold decides. */
const TABLE: readonly (readonly [when: Partial<TrainingFacts>, then: TrainingVerdict])[] = [
    [{ run: "never" }, "keep"],
    [{ made: "an earlier one", registered: true }, "keep"],
    [{ run: "always" }, "train"],
    // Somebody removed the serving version from the registry, so it is made again.
    [{ made: "the one that serves", registered: false }, "train"],
    [{ stands: true }, "stand"],
    [{ made: "the one that serves" }, "keep"],
    [{}, "train"],
];

/** The verdict of the first row that holds. */
export function judgeTraining(facts: TrainingFacts): TrainingVerdict {
    const [, verdict] = TABLE.find(([when]) => holds(when, facts))!;
    return verdict;
}

/**
 * Whether the verdict depends on the registry. The registry is asked only in this case, so
 * that an idle update is quick.
 */
export function needsRegistry({ run, made }: Pick<TrainingFacts, "run" | "made">): boolean {
    const verdictWith = (registered: boolean) => judgeTraining({ run, made, registered, stands: false });
    return verdictWith(true) !== verdictWith(false);
}

function holds(when: Partial<TrainingFacts>, facts: TrainingFacts): boolean {
    return (Object.keys(when) as (keyof TrainingFacts)[]).every((key) => when[key] === facts[key]);
}
