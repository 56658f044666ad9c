import type { Trainer } from "../configTrainer";

/** The modules of a trainer's package that are run: docs/trainer-contract.md. */
export type TrainerModule = "train" | "serving" | "demo" | "status" | "retraining";

/** How one of a trainer's modules is run in its image. */
export function trainerCommand({ package: name }: Trainer, module: TrainerModule): string[] {
    return ["python", "-m", `${name}.${module}`];
}

/** A trainer's image, without its tag: "seismic-mlops/trainer", "seismic-mlops/examples-tabular". */
export function trainerImage({ path }: Trainer): string {
    return `seismic-mlops/${path.replaceAll("/", "-")}`;
}
