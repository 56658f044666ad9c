import type { Trainer } from "../../config/trainer";

/** The modules of a trainer's package that are run: docs/trainer-contract.md. */
export type TrainerModule = "train" | "serving" | "demo" | "status" | "retraining";

/** How one of a trainer's modules is run in its image. */
export function trainerCommand({ package: name }: Pick<Trainer, "package">, module: TrainerModule): string[] {
    return ["python", "-m", `${name}.${module}`];
}

/** A trainer's image, without its tag: "seismic-mlops/trainer", "seismic-mlops/examples-tabular". */
export function trainerImage({ path }: Pick<Trainer, "path">): string {
    return `seismic-mlops/${path.replaceAll("/", "-")}`;
}

/**
 * The contract's variable with what a stack tells its trainer: docs/trainer-contract.md. Without settings there is
 * none, so that what an earlier program made stays as it is.
 */
export function settingsVariables({ settings }: Pick<Trainer, "settings">): Record<string, string> {
    const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.length === 0 ? {} : { TRAINER_SETTINGS: JSON.stringify(Object.fromEntries(sorted)) };
}
