import * as pulumi from "@pulumi/pulumi";

import { isRetrained } from "../../config/observability";
import type { StackConfig } from "../../config/schema";
import type { Given, RetrainingVariable } from "../../contract/names";
import type { ReleaseRecord } from "../../releases/records";
import { parseSeconds } from "../../common/units";
import { DRIFT_ALERT } from "./rules/alertRules";
import { ACCESS_ROLE, type Branch } from "../gateway/endpoint";
import { ALERTS_PORT } from "../gateway/inside";
import type { Deployment } from "../stack/deployment";
import { answersOn } from "../service/healthcheck";
import { summaryVariables } from "../training/runSummary";
import type { ScrapeTarget } from "../service/scrapeTarget";
import type { SurveyData } from "../data/surveyData";
import { LARGE_TEMPORARY } from "../service/mounts";
import { oneAtATime } from "../service/oneAtATime";
import { STOP_GRACE_SECONDS } from "../image/stopGrace";
import { SwarmService } from "../service/swarmService";
import { trainerCommand } from "../image/trainer";
import { championVariables, gateVariables, Ingredients, trainingVariables } from "../training/trainingPlan";

export const RETRAINING_ROLE = "retraining";
const PORT = 8000;

/** The first folder of the service's addresses on the API's port. */
export const RETRAINING_PATH = "/retraining";
/** The path at which the gateway's tasks take alerts for the service. */
export const RETRAINING_ALERTS_PATH = `${RETRAINING_PATH}/alerts`;
/** Alertmanager's webhook posts to this address. */
export const ALERTS_URL = `http://${ACCESS_ROLE}:${ALERTS_PORT}${RETRAINING_ALERTS_PATH}`;

/** A person may ask for a run, and read the decisions, on the API's port. */
export function retrainingBranches(config: StackConfig): Branch[] {
    const upstream = { host: RETRAINING_ROLE, port: PORT };
    return isRetrained(config)
        ? [{ name: RETRAINING_ROLE, path: RETRAINING_PATH, upstream, check: "/ready", strip: true }]
        : [];
}

/** The metrics of retraining: its decisions and their outcome. */
export const RETRAINING_TARGET: ScrapeTarget = {
    ...{ job: RETRAINING_ROLE, host: RETRAINING_ROLE, port: PORT },
    inside: true,
};

export interface RetrainingArgs {
    deployment: Deployment;
    ingredients: Ingredients;
    network: pulumi.Input<string>;
    /** The trainer's image of the serving release. */
    image: pulumi.Input<string>;
    survey: SurveyData;
    trackingUri: pulumi.Input<string>;
    /** The stack's validated releases, newest first. */
    releases: pulumi.Output<ReleaseRecord[]>;
}

/**
 * Runs the release's trainer again when an alert says that its data has drifted, or at set times,
 * one run at a time. The run is a process of the service's own container, so no container needs
 * the engine's socket. The gate judges the new model as always, and the next `up` serves it.
 */
export class Retraining extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: RetrainingArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Retraining", name, {}, opts);
        const { deployment, ingredients } = args;
        const { config } = ingredients;
        const { onDrift, schedule, cooldown } = config.retraining;
        const serving = args.releases.apply(([newest]) => championVariables(newest));
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: RETRAINING_ROLE,
                network: args.network,
                image: args.image,
                user: args.survey.reader,
                command: trainerCommand(config.trainer, "retraining"),
                env: {
                    ...trainingVariables(ingredients),
                    ...summaryVariables(config),
                    ...gateVariables(config),
                    CHAMPION_FILES_SHA256: serving.CHAMPION_FILES_SHA256,
                    CHAMPION_SHA256: serving.CHAMPION_SHA256,
                    CHAMPION_VERSION: serving.CHAMPION_VERSION,
                    MLFLOW_TRACKING_URI: args.trackingUri,
                    PORT: String(PORT),
                    RETRAIN_ALERTS: onDrift ? DRIFT_ALERT : "",
                    RETRAIN_COOLDOWN: String(parseSeconds(cooldown)!),
                    RETRAIN_SCHEDULE: schedule ?? "",
                    TRAINING_TIMEOUT: String(parseSeconds(config.training.timeout)!),
                } satisfies Given<RetrainingVariable, pulumi.Input<string>>,
                mounts: [args.survey.mount],
                temporary: LARGE_TEMPORARY,
                limits: config.training.limits,
                ...oneAtATime(answersOn(PORT, "/ready")),
                stopGraceSeconds: STOP_GRACE_SECONDS.retraining,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
