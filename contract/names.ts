/** Names that platform and trainer agree on, as trainer.schema.json has them. */
import contract from "./trainer.schema.json";

const { $defs } = contract;

/** The alias of the serving version, and the alias of a version that was trained to replace it. */
export const CHAMPION = $defs.champion.const;
export const CHALLENGER = $defs.challenger.const;
/** The gate's word for a version that may not serve. */
export const REFUSED = $defs.refused.const;
/** Begins a line in which a trainer reports its progress. */
export const PROGRESS_PREFIX = `${$defs.progressWord.const} `;
/** The artifact of a run with the answers that the version must give. */
export const EXPECTATIONS = $defs.expectationsFile.const;
/**
 * Begins a tag of the registered model for each change of the serving version. The rest of
 * the tag's name is the time, and its value describes the change.
 */
export const RELEASE_TAG = $defs.releasedPrefix.const;
/** The judgement of a result that has none. */
export const UNGATED = $defs.result.properties.gate.default;

/** The variables of each process of a trainer. */
export type TrainingVariable = keyof typeof $defs.trainingVariables.properties;
export type ServingVariable = keyof typeof $defs.servingVariables.properties;
export type StatusVariable = keyof typeof $defs.statusVariables.properties;
export type RetrainingVariable = TrainingVariable | keyof typeof $defs.retrainingVariables.properties;
/** Values for some of these variables. Use it with `satisfies`, so that a name that the contract lacks is a type error. */
export type Given<Variable extends string, Value = string> = Readonly<Partial<Record<Variable, Value>>>;

/** The fields of a line of progress, and of the answer of `GET /version`. */
export type ProgressField = keyof typeof $defs.progress.properties;
export type ServedField = keyof typeof $defs.served.properties;

type VersionTag = keyof typeof $defs.versionTags.properties;

/** The name of a tag of a version and its run. A name that the contract lacks is a type error. */
export function versionTag<Name extends VersionTag>(name: Name): Name {
    return name;
}
