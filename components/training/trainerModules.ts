import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { short } from "../../common/hashes";
import type { TrainerModule } from "../image/trainer";
import type { StackConfig } from "../../config/schema";
import { isRetrained } from "../../config/observability";
import { mistake } from "../../common/mistake";
import type { Release } from "../../releases/release";

/** A module that a configuration needs, the key that asks for it, and an alternative to adding the module. */
interface Need {
    module: TrainerModule;
    asks: string;
    otherwise: string;
}

/**
 * Looks in a release's tree for the modules that a configuration needs, before anything is made.
 *
 * @throws a mistake with everything that the trainer lacks, a line each
 */
export function checkTrainer(project: string, release: Release, config: StackConfig): void {
    const { path, package: name } = config.trainer;
    const folder = resolve(project, release.trainer, name);
    const problems = needs(config)
        .filter(({ module }) => !hasModule(folder, module))
        .map(
            ({ module, asks, otherwise }) =>
                `${asks}; ${path}/${name} has no ${module}.py and no ${module}/__main__.py. ` +
                `Add it (docs/trainer-contract.md), or ${otherwise}`,
        );
    if (problems.length > 0) {
        const which = `the trainer of ${release.ref} (${short(release.commit)})`;
        throw mistake(
            [
                `${which} lacks what the stack's configuration asks for; nothing was changed`,
                ...problems.map((problem) => `  ${problem}`),
            ].join("\n"),
        );
    }
}

function needs(config: StackConfig): Need[] {
    const always = {
        asks: `trainer.package: got ${config.trainer.package}`,
        otherwise: "name the package that has it",
    };
    const demo = {
        asks: "data.source: got demo",
        otherwise: "set it to folder, and data.path to the folder of your data",
    };
    const page = { asks: "statusPage: got true", otherwise: "set it to false" };
    const again = { asks: "retraining: got onDrift or schedule", otherwise: "take them away" };
    return [
        { module: "train", ...always },
        { module: "serving", ...always },
        ...(config.data.source === "demo" ? [{ module: "demo", ...demo } as const] : []),
        ...(config.statusPage ? [{ module: "status", ...page } as const] : []),
        ...(isRetrained(config) ? [{ module: "retraining", ...again } as const] : []),
    ];
}

/**
 * Whether `python -m PACKAGE.MODULE` finds something to run.
 *
 * @param folder the package's folder
 */
export function hasModule(folder: string, module: string): boolean {
    return existsSync(resolve(folder, `${module}.py`)) || existsSync(resolve(folder, module, "__main__.py"));
}
