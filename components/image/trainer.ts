import type { Trainer } from "../../config/trainer";
import type { Given, TrainingVariable } from "../../contract/names";

/** The modules of a trainer's package that the platform runs: docs/trainer-contract.md. */
export type TrainerModule = "train" | "serving" | "demo" | "status" | "retraining";

/** The command that runs a module of a trainer in its image. */
export function trainerCommand({ package: name }: Pick<Trainer, "package">, module: TrainerModule): string[] {
    return ["python", "-m", `${name}.${module}`];
}

/** The name of a trainer's image, without the tag: "seismic-mlops/trainer", "seismic-mlops/examples-tabular". */
export function trainerImage({ path }: Pick<Trainer, "path">): string {
    return `seismic-mlops/${path.replaceAll("/", "-")}`;
}

/**
 * The contract's variable with the stack's settings for its trainer: contract/trainer.schema.json.
 * Without settings there is no variable, so that services of an earlier program stay as they are.
 */
export function settingsVariables({ settings }: Pick<Trainer, "settings">): Record<string, string> {
    const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
    const TRAINER_SETTINGS = JSON.stringify(Object.fromEntries(sorted));
    return sorted.length === 0 ? {} : ({ TRAINER_SETTINGS } satisfies Given<TrainingVariable>);
}
