import type { Config } from "./stack";
import type { TestProject } from "./project";

/** The folder of the tests' own trainer. */
export const STUB_FOLDER = "test/trainers/stub";
/** The name of its image. */
export const STUB_IMAGE = "seismic-mlops/test-trainers-stub";
/** The settings of a release of it. A stack's settings override them. */
const DEFAULTS = `${STUB_FOLDER}/stub/defaults.json`;

/** The name of STUB's registered model. */
export const STUB_MODEL = "StubClassifier";

/** The settings. settings.schema.json describes them. */
export interface StubSettings {
    mlflowRetrySeconds?: number;
    servingAnswers?: "right" | "wrong";
    servingDiesAfter?: number;
    servingIsReady?: boolean;
    trainingSeconds?: number;
}

/**
 * The config that chooses the trainer with only Python's standard library. It starts within a tenth of a second,
 * while the seismic trainer imports for seconds. For a suite about the platform, both are equally good.
 */
export function stub(settings: StubSettings = {}): Config {
    return {
        trainer: { path: STUB_FOLDER, package: "stub", settings },
        model: { name: STUB_MODEL },
    };
}

/** Hyperparameters with which it learns nothing, so that a gate refuses the model. */
export const POOR = { shrinkage: 1 };

/** Commits a release with this behaviour, which a stack's configuration does not change. */
export function release(project: TestProject, settings: StubSettings): string {
    return project.write(DEFAULTS, `${JSON.stringify(settings)}\n`);
}

/** Commits the release with the correct behaviour. */
export function mend(project: TestProject): string {
    return project.restore(DEFAULTS);
}
