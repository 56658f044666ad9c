import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../config";
import { endRunning, lastRun } from "../engine/training";
import type { Release } from "../source/release";
import { parseSeconds } from "../units";
import type { Deployment } from "./deployment";
import type { SourceImage } from "./sourceImage";
import { DATA_FOLDER, SurveyData } from "./surveyData";

/** The contract's variables that tell a run where it comes from, and do not change what it makes. */
const LINEAGE = ["GIT_COMMIT", "GIT_DIRTY", "LOG_LEVEL", "RELEASE_REF"];

/** What a model is made of. */
interface Trained {
    config: StackConfig;
    image: SourceImage;
    survey: SurveyData;
}

/** What the next training run is to be. */
export interface RunPlan {
    /** Identifies this attempt; a value of its own makes the run happen. */
    token: string;
    /** Whether the same thing was trained last time, with success. */
    repeats: boolean;
    /** What the run that stands was told of its origin; a later commit is no reason to train again. */
    lineage: Record<string, string>;
}

/**
 * Plans the next run, after ending what an interrupted `up` left running.
 *
 * @param always whether each `up` trains; otherwise only a change of the trigger, or a run that failed, does
 */
export async function planRun(
    deployment: Deployment,
    always: boolean,
    trigger: string,
    selector: string[],
): Promise<RunPlan> {
    if (!pulumi.runtime.isDryRun()) {
        await endRunning(deployment.engine, selector);
    }
    const last = await lastRun(deployment.engine, selector);
    const isSame = last?.trigger === trigger;
    const repeats = isSame && last.succeeded;
    const fresh = `${trigger}-${Date.now().toString(36)}`;
    if (always || !isSame || !last.succeeded) {
        return { token: fresh, repeats, lineage: {} };
    }
    const lineage = LINEAGE.map((key): [string, string] => [key, last.variables.get(key) ?? ""]);
    return { token: last.token ?? fresh, repeats, lineage: Object.fromEntries(lineage) };
}

/** The identity of what is trained: code, data and parameters. */
export function triggerOf({ config, image, survey }: Trained): string {
    const { run: _when, timeout: _timeout, limits: _limits, ...parameters } = config.training;
    const what = [image.tag, survey.fingerprint, parameters, config.model, config.mlflow.experiment];
    return createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, 16);
}

/** The contract's variables, sorted by name: docs/trainer-contract.md. */
export function environment(
    args: Trained & { release: Release; trackingUri: pulumi.Input<string> },
    { token, lineage }: RunPlan,
): pulumi.Input<string>[] {
    const { config, release } = args;
    const variables: Record<string, pulumi.Input<string>> = {
        DATA_DIR: DATA_FOLDER,
        ENVIRONMENT: config.environment,
        GIT_COMMIT: release.commit,
        GIT_DIRTY: String(release.dirty),
        HYPERPARAMETERS: JSON.stringify(config.training.hyperparameters),
        IMAGE: args.image.tag,
        LOG_LEVEL: config.logLevel,
        MLFLOW_EXPERIMENT_NAME: config.mlflow.experiment,
        MLFLOW_TRACKING_URI: args.trackingUri,
        MODEL_NAME: config.model.name,
        MODEL_STAGE: config.model.stage,
        RELEASE_REF: release.ref,
        RUN_TOKEN: token,
        SEED: String(config.training.seed),
        TIME_BUDGET: String(parseSeconds(config.training.timeBudget)!),
        TRIALS: String(config.training.trials),
        ...lineage,
    };
    return Object.entries(variables).map(([key, value]) => pulumi.interpolate`${key}=${value}`);
}
