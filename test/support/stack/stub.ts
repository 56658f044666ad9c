import type { Config } from "./stack";
import type { TestProject } from "./project";

/** The folder of the tests' own trainer. */
export const STUB_FOLDER = "test/trainers/stub";
/** The name of the image that it makes. */
export const STUB_IMAGE = "seismic-mlops/test-trainers-stub";
/** The settings that a release of it brings along, over which those of a stack stand. */
const DEFAULTS = `${STUB_FOLDER}/stub/defaults.json`;

/** The model that STUB registers. */
export const STUB_MODEL = "StubClassifier";

/** settings.schema.json says what each of them does. */
export interface StubSettings {
    mlflowRetrySeconds?: number;
    servingAnswers?: "right" | "wrong";
    servingDiesAfter?: number;
    servingIsReady?: boolean;
    trainingSeconds?: number;
}

/**
 * What chooses the trainer that keeps the contract with Python's standard library alone. It starts within a tenth of
 * a second, where the seismic one imports for several; what a suite shows of the platform, it shows by either.
 */
export function stub(settings: StubSettings = {}): Config {
    return {
        trainer: { path: STUB_FOLDER, package: "stub", settings },
        model: { name: STUB_MODEL },
    };
}

/** Hyperparameters with which it learns nothing, so that a gate refuses it. */
export const POOR = { shrinkage: 1 };

/** Commits a release of it that behaves so, whatever the stack's configuration says. */
export function release(project: TestProject, settings: StubSettings): string {
    return project.write(DEFAULTS, `${JSON.stringify(settings)}\n`);
}

/** Commits the release that behaves well. */
export function mend(project: TestProject): string {
    return project.restore(DEFAULTS);
}
