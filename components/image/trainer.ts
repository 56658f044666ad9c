import { join } from "node:path";

import type { Trainer } from "../../config/trainer";
import type { Given, TrainingVariable } from "../../contract/names";
import { KIT } from "../../releases/kit";
import type { Release } from "../../releases/release";
import type { SourceImageArgs } from "./sourceImage";

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
 * The source of a trainer's image.
 *
 * @param project the folder to which a release's folders are relative
 */
export function trainerSource(
    { trainer, kit }: Pick<Release, "trainer" | "kit">,
    config: Pick<Trainer, "path">,
    project = "",
): SourceImageArgs {
    return {
        context: join(project, trainer),
        kit: kit === undefined ? undefined : join(project, kit),
        repository: trainerImage(config),
    };
}

/** The Python packages of a trainer's image: the place of each in the source, and its place in the image. */
export function trainerPackages(
    { trainer, kit }: Pick<Release, "trainer" | "kit">,
    { package: name }: Pick<Trainer, "package">,
): { source: string; target: string }[] {
    return [
        { source: join(trainer, name), target: `/app/${name}` },
        ...(kit === undefined ? [] : [{ source: join(kit, KIT), target: `/app/${KIT}` }]),
    ];
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
