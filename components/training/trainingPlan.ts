import * as pulumi from "@pulumi/pulumi";

import { identityHash } from "../../common/hashes";
import { CHAMPION, type Given, type TrainingVariable } from "../../contract/names";
import type { StackConfig } from "../../config/schema";
import { FIRST_TRAINER } from "../../config/trainer";
import { NoAnswer } from "../../engine/streams/insideHttp";
import { RegisteredModel } from "../registry/mlflow";
import { endRunning, lastRun } from "../../engine/tasks/training";
import { mistake } from "../../common/mistake";
import { isRollback, ReleaseRecord } from "../../releases/records";
import type { Release } from "../../releases/release";
import { parseSeconds } from "../../common/units";
import { Deployment, selector } from "../stack/deployment";
import { insideRegistry } from "../registry/senders";
import { isServed } from "../registry/registryMarks";
import { DATA_FOLDER } from "../data/surveyData";
import { settingsVariables } from "../image/trainer";
import { PASSED, TrainingResult } from "./trainingResult";
import { judgeTraining, needsRegistry, type TrainingFacts } from "./trainingVerdict";

export const TRAINING_ROLE = "training";
/** The type of the component that declares a run. */
export const TRAINING_RUN = "seismic:platform:TrainingRun";
/** The contract's variables that name a run's origin. They do not change the model. */
const LINEAGE: readonly TrainingVariable[] = [
    ...(["CHAMPION_FILES_SHA256", "CHAMPION_SHA256", "CHAMPION_VERSION"] as const),
    ...(["GIT_COMMIT", "GIT_DIRTY", "LOG_LEVEL", "RELEASE_REF"] as const),
];
/** The variables of a summary. An Ollama that comes or goes is no reason to train again. */
const SUMMARY: readonly TrainingVariable[] = ["SUMMARY_MODEL", "SUMMARY_TIMEOUT", "SUMMARY_URL"];

/** The ingredients of a model. */
export interface Ingredients {
    config: StackConfig;
    release: Release;
    /** The trainer's image, `repository:hash`. */
    image: string;
    /** The fingerprint of the data; undefined when a change of the data cannot be seen from here. */
    fingerprint: string | undefined;
}

/** A training run, or the registered model that is served without one. */
export type TrainingPlan =
    | {
          kind: "run";
          /** Identifies this attempt. A new value makes the run happen. */
          token: string;
          trigger: string;
          /** Whether the serving model was made of the same ingredients, so that the run will make it again. */
          remakes: boolean;
          /**
           * For a new run, the serving model. For the run that stands, its own variables again: a
           * later commit is no reason to train again.
           */
          lineage: Record<string, string>;
          /** Whether the candidate is judged. It is not when an earlier release comes back. */
          gated: boolean;
      }
    | { kind: "kept"; model: TrainingResult };

export interface PlanArgs extends Ingredients {
    deployment: Deployment;
    /** The stack's validated releases, newest first. */
    releases: ReleaseRecord[];
}

/**
 * Plans the training of this update, after ending a run that an interrupted update left.
 *
 * An earlier release comes back without training if the registry still has the version
 * that was made of the same code, data and parameters.
 */
export async function planTraining(args: PlanArgs): Promise<TrainingPlan> {
    const { deployment, config, release, image, releases } = args;
    const { engine } = deployment;
    const runs = selector(deployment, TRAINING_ROLE);
    if (!pulumi.runtime.isDryRun()) {
        await endRunning(engine, runs);
    }
    const [serving] = releases;
    const recipe = recipeOf(args);
    const made = args.fingerprint === undefined ? undefined : releases.find((it) => it.recipe === recipe);
    const gated = !isRollback(releases, release, image);
    const trigger = identityHash([recipe, gated ? config.gate : "rollback"]);
    const last = await lastRun(engine, runs);
    const facts = { run: config.training.run, made: standingOf(made, serving) };
    const verdict = judgeTraining({
        ...facts,
        registered: made !== undefined && needsRegistry(facts) ? await registers(args, made) : undefined,
        stands: last?.trigger === trigger && last.succeeded,
    });
    if (verdict === "keep") {
        return kept(made ?? serving);
    }
    const remakes = facts.made === "the one that serves";
    const fresh = `${trigger}-${Date.now().toString(36)}`;
    if (verdict === "train" || last === undefined) {
        return { kind: "run", token: fresh, trigger, remakes, lineage: championVariables(serving), gated };
    }
    const summary = config.summary.enabled === "auto" ? SUMMARY : [];
    const kinds: readonly string[] = [...LINEAGE, ...summary];
    const told = [...last.variables].filter(([key]) => kinds.includes(key));
    const token = last.token ?? fresh;
    return { kind: "run", token, trigger, remakes, lineage: Object.fromEntries(told), gated };
}

/** Compares the release that was made of the same ingredients with the serving release. */
function standingOf(
    made: ReleaseRecord | undefined,
    serving: ReleaseRecord | undefined,
): TrainingFacts["made"] {
    if (made === undefined) {
        return "none";
    }
    return made.recipe === serving?.recipe ? "the one that serves" : "an earlier one";
}

function kept(record: ReleaseRecord | undefined): TrainingPlan {
    if (record === undefined) {
        throw mistake(
            "training.run: got never, but this stack has no model yet; train one first: " +
                "pulumi config set --path training.run on-change",
        );
    }
    return { kind: "kept", model: modelOf(record) };
}

/** The result that a training run would print for the model of a record. */
export function modelOf(record: ReleaseRecord): TrainingResult {
    const { version, runId, sha256, filesSha256, metrics, dataSha256, trainedAt } = record;
    const model = { version, runId, sha256, filesSha256, metrics, dataSha256, trainedAt };
    return { ...model, alias: CHAMPION, reproduced: true, gate: PASSED };
}

/** Whether the registry still has a record's version, with its hash; undefined when the registry cannot be asked. */
async function registers(
    { deployment, config }: PlanArgs,
    record: ReleaseRecord,
): Promise<boolean | undefined> {
    const inside = await insideRegistry(deployment);
    if (inside === undefined) {
        return undefined;
    }
    try {
        return isServed(await new RegisteredModel(inside, config.model.name).version(record.version), record);
    } catch (error) {
        if (error instanceof NoAnswer) {
            return undefined;
        }
        throw error;
    }
}

/** The identity of a model's ingredients: code, data and parameters. */
export function recipeOf({ config, image, fingerprint }: Ingredients): string {
    const { run: _when, timeout: _timeout, limits: _limits, ...parameters } = config.training;
    const made = [image, fingerprint, parameters, config.model.name, config.mlflow.experiment];
    // The package counts only if it is not the first one, so that records from before this choice stay true.
    const others = config.trainer.package === FIRST_TRAINER.package ? [] : [config.trainer.package];
    return identityHash([...made, ...others, ...Object.values(settingsVariables(config.trainer))]);
}

/** The contract's variables for the serving model, with which a candidate is compared; empty when nothing serves. */
export function championVariables(serving: ReleaseRecord | undefined) {
    return {
        CHAMPION_FILES_SHA256: serving?.filesSha256 ?? "",
        CHAMPION_SHA256: serving?.sha256 ?? "",
        CHAMPION_VERSION: serving?.version ?? "",
    } satisfies Given<TrainingVariable>;
}

/** The contract's variables for judging a candidate. Without a gate, GATE is empty. */
export function gateVariables({ gate, defaultFloors }: StackConfig, gated = true): Record<string, string> {
    const { uncompared, ...bounds } = gate;
    const judging = {
        GATE: JSON.stringify(bounds),
        GATE_UNCOMPARED: uncompared,
        ...(defaultFloors.length > 0 ? { GATE_DEFAULT_FLOORS: defaultFloors.join(",") } : {}),
    } satisfies Given<TrainingVariable>;
    return gated ? judging : ({ GATE: "" } satisfies Given<TrainingVariable>);
}

/** The contract's variables for a training run and its origin: contract/trainer.schema.json. */
export function trainingVariables({ config, release, image }: Ingredients): Record<string, string> {
    return {
        DATA_DIR: DATA_FOLDER,
        ENVIRONMENT: config.environment,
        GIT_COMMIT: release.commit,
        GIT_DIRTY: String(release.dirty),
        HYPERPARAMETERS: JSON.stringify(config.training.hyperparameters),
        IMAGE: image,
        LOG_LEVEL: config.logLevel,
        MLFLOW_EXPERIMENT_NAME: config.mlflow.experiment,
        MODEL_NAME: config.model.name,
        RELEASE_REF: release.ref,
        SEED: String(config.training.seed),
        TIME_BUDGET: String(parseSeconds(config.training.timeBudget)!),
        TRIALS: String(config.training.trials),
        ...settingsVariables(config.trainer),
    } satisfies Given<TrainingVariable>;
}
