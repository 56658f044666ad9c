import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { failureOf } from "../../common/failures";
import type { StackConfig } from "../../config/schema";
import { CHALLENGER, type Given, type TrainingVariable } from "../../contract/names";
import { removeOthers, TOKEN_LABEL, TrainingFollower, TRIGGER_LABEL } from "../../engine/tasks/training";
import type { ReleaseRecord } from "../../releases/records";
import { parseSeconds } from "../../common/units";
import { Deployment, labels, selector } from "../stack/deployment";
import { CONFINED_CONTAINER } from "../service/confinement";
import { CONTAINER_LOG } from "../service/logging";
import { failed, finished } from "../service/oneShot";
import type { SourceImage } from "../image/sourceImage";
import { showProgress } from "../stack/progress";
import { summaryBy, summaryVariables } from "./runSummary";
import { findOllama } from "./foundOllama";
import type { SurveyData } from "../data/surveyData";
import { trainerCommand } from "../image/trainer";
import { LARGE_TEMPORARY, renderMount } from "../service/mounts";
import { renderLimits } from "../service/serviceSpec";
import { STOP_GRACE_SECONDS } from "../image/stopGrace";
import {
    gateVariables,
    Ingredients,
    modelOf,
    TRAINING_ROLE,
    TRAINING_RUN,
    TrainingPlan,
    trainingVariables,
} from "./trainingPlan";
import { parseResult, TrainingResult } from "./trainingResult";
import { tellOf } from "./trainingNotes";
import { refusePartial } from "../stack/wholeUpdate";

/** The provider's limit is later than ours, because ours stops the container and says so. */
const PROVIDER_MARGIN_SECONDS = 120;

type RunPlan = Extract<TrainingPlan, { kind: "run" }>;

export interface TrainingRunArgs {
    deployment: Deployment;
    ingredients: Ingredients;
    plan: TrainingPlan;
    network: pulumi.Input<string>;
    image: SourceImage;
    survey: SurveyData;
    trackingUri: pulumi.Input<string>;
    /** The release that the stack serves, if any. */
    serving: ReleaseRecord | undefined;
}

/**
 * One run of the trainer against this environment's registry, or none when a registered
 * model is kept. Serving depends on the checked result.
 */
export class TrainingRun extends pulumi.ComponentResource {
    readonly result: pulumi.Output<TrainingResult>;

    constructor(name: string, args: TrainingRunArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TRAINING_RUN, name, {}, opts);
        const { plan } = args;
        this.result = plan.kind === "kept" ? pulumi.output(plan.model) : this.trained(args, plan);
        this.registerOutputs({ result: this.result });
    }

    private trained(args: TrainingRunArgs, plan: RunPlan): pulumi.Output<TrainingResult> {
        const { deployment } = args;
        const { config } = args.ingredients;
        const timeoutSeconds = parseSeconds(config.training.timeout)!;
        const container = new docker.Container(
            // Pulumi adds a suffix, so a container that an interrupted update left does not block the name.
            `${deployment.prefix}-${TRAINING_ROLE}`,
            {
                image: args.image.reference,
                user: args.survey.reader,
                command: trainerCommand(config.trainer, "train"),
                envs: this.variables(args, plan),
                networksAdvanced: [{ name: args.network }],
                mounts: [args.survey.mount.apply(renderMount), renderMount(LARGE_TEMPORARY)],
                ...CONFINED_CONTAINER,
                ...renderLimits(config.training.limits),
                ...CONTAINER_LOG,
                attach: true,
                logs: true,
                mustRun: false,
                destroyGraceSeconds: STOP_GRACE_SECONDS.train,
                labels: labels(deployment, TRAINING_ROLE, {
                    [TOKEN_LABEL]: plan.token,
                    [TRIGGER_LABEL]: plan.trigger,
                }),
            },
            {
                parent: this,
                deleteBeforeReplace: true,
                // The engine derives this value from the memory's limit.
                ignoreChanges: ["memorySwap"],
                customTimeouts: { create: `${timeoutSeconds + PROVIDER_MARGIN_SECONDS}s` },
            },
        );
        const follower = this.follow(deployment, plan.token, timeoutSeconds);
        const result = pulumi
            .all([container.id, container.exitCode, container.containerLogs, container.labels])
            .apply(async ([id, exitCode, log, given]) => {
                follower?.end();
                const token = given?.find(({ label }) => label === TOKEN_LABEL)?.value;
                refusePartial(this, "the training run", token === plan.token);
                if (!pulumi.runtime.isDryRun()) {
                    await removeOthers(deployment.engine, selector(deployment, TRAINING_ROLE), id);
                }
                return this.check(
                    args,
                    plan,
                    id,
                    exitCode,
                    log,
                    follower?.timedOut ? config.training.timeout : undefined,
                );
            });
        // A preview's result is unknown only if other ingredients are trained.
        return pulumi.runtime.isDryRun() && args.serving !== undefined && plan.remakes
            ? pulumi.output(modelOf(args.serving))
            : result;
    }

    /** The run's variables. A run that stands keeps its variables, and a preview does not ask for an Ollama. */
    private variables(args: TrainingRunArgs, plan: RunPlan): pulumi.Input<pulumi.Input<string>[]> {
        const { config } = args.ingredients;
        const asks = config.summary.enabled === "auto" && Object.keys(plan.lineage).length === 0;
        if (!asks || pulumi.runtime.isDryRun()) {
            return variables(args, plan, summaryVariables(config));
        }
        // The address is known once MLflow's container runs, which then can ask for an Ollama.
        return pulumi.output(args.trackingUri).apply(async () => {
            const url = await findOllama(args.deployment, config.summary.model, this);
            return variables(args, plan, url === undefined ? {} : summaryBy(config.summary, url));
        });
    }

    private follow(
        deployment: Deployment,
        token: string,
        timeoutSeconds: number,
    ): TrainingFollower | undefined {
        if (pulumi.runtime.isDryRun()) {
            return undefined;
        }
        const follower = new TrainingFollower(deployment.engine, token, timeoutSeconds, (text) => {
            showProgress(this, text);
        });
        follower.follow().catch((error: unknown) => {
            void pulumi.log.warn(`the training run's progress cannot be shown: ${String(error)}`, this);
        });
        return follower;
    }

    private async check(
        { deployment, ingredients, serving }: TrainingRunArgs,
        { gated, remakes }: RunPlan,
        id: string,
        exitCode: number | undefined,
        log: string | undefined,
        exceeded: string | undefined,
    ): Promise<TrainingResult> {
        if (exceeded !== undefined) {
            throw failed(`training.timeout: the run took longer than ${exceeded} and was stopped`, log, this);
        }
        finished("the training run", exitCode, log, this, await outOfMemory(deployment, id, exitCode));
        const result = parseResult(log);
        if (result === undefined) {
            throw failed(
                "the training run exited with code 0 but printed no result (one JSON object on its last line, " +
                    "docs/trainer-contract.md)",
                log,
                this,
            );
        }
        if (!result.gate.passed) {
            throw failureOf(this, refusal(ingredients.config, result, serving));
        }
        tellOf(result, this);
        const { compared, note } = result.gate;
        if (compared || !gated || remakes || serving === undefined || result.sha256 === serving.sha256) {
            return result;
        }
        // A trainer that does not know GATE_UNCOMPARED lets the candidate pass.
        const { mode, uncompared } = ingredients.config.gate;
        if (uncompared === "refuse" && mode !== "warn") {
            throw failureOf(
                this,
                refusal(ingredients.config, { ...result, gate: notCompared(note) }, serving),
            );
        }
        void pulumi.log.warn(`only the gate's floors counted: ${note}`, this);
        return result;
    }
}

function notCompared(note: string): TrainingResult["gate"] {
    const reason = `${note || "it was not compared with what serves"}; allow it by gate.uncompared: floors`;
    return { passed: false, compared: false, note, reasons: [reason] };
}

/** The message of a refusal: the reasons, and the remedies. */
function refusal(
    { model }: StackConfig,
    { version, gate }: TrainingResult,
    serving: ReleaseRecord | undefined,
): string {
    const still = serving === undefined ? "nothing serves yet" : `version ${serving.version} serves on`;
    return [
        `the gate refused ${model.name} version ${version} (${CHALLENGER} in MLflow); ${still}:`,
        ...gate.reasons.map((reason) => `  ${reason}`),
        "Mend the training code or its data, or allow it by gate.regression, gate.bounds and gate.floors (docs/promotion.md)",
    ].join("\n");
}

/** The contract's variables, sorted by name: contract/trainer.schema.json. */
function variables(
    { ingredients, trackingUri }: TrainingRunArgs,
    plan: RunPlan,
    summary: Record<string, string>,
): pulumi.Input<string>[] {
    const all = {
        ...trainingVariables(ingredients),
        ...summary,
        ...gateVariables(ingredients.config, plan.gated),
        MLFLOW_TRACKING_URI: trackingUri,
        RUN_TOKEN: plan.token,
        ...plan.lineage,
    } satisfies Given<TrainingVariable, pulumi.Input<string>>;
    const sorted = Object.entries<pulumi.Input<string>>(all).sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([key, value]) => pulumi.interpolate`${key}=${value}`);
}

async function outOfMemory(
    deployment: Deployment,
    id: string,
    exitCode: number | undefined,
): Promise<string | undefined> {
    if (exitCode === 0) {
        return undefined;
    }
    const { State } = await deployment.engine.getContainer(id).inspect();
    return State.OOMKilled
        ? `the training run was killed for memory: exit code ${exitCode}; raise training.limits.memory`
        : undefined;
}
