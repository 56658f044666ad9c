import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import { type Part, publicUrl } from "../../config/access/access";
import { publishedObservers } from "../../config/observability";
import type { Given, StatusVariable } from "../../contract/names";
import { parseSeconds } from "../../common/units";
import type { Deployment } from "../stack/deployment";
import type { Branch } from "../gateway/endpoint";
import { type RegistryReader, signedIn } from "../gateway/insiders";
import { answersOn } from "../service/healthcheck";
import { SERVING_METRICS_PORT, SERVING_ROLE } from "../serving/modelServing";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { DATA_FOLDER, SurveyData } from "../data/surveyData";
import { LARGE_TEMPORARY } from "../service/mounts";
import { oneAtATime } from "../service/oneAtATime";
import { STOP_GRACE_SECONDS } from "../image/stopGrace";
import { SwarmService } from "../service/swarmService";
import { settingsVariables, trainerCommand } from "../image/trainer";

const ROLE = "status";
const PORT = 8000;
/** The first folder of the page's addresses. */
export const STATUS_PATH = "/status";

/** The page's metrics about MLflow's runs, for alerts. */
export const STATUS_TARGET: ScrapeTarget = { job: ROLE, host: ROLE, port: PORT };

export interface StatusPageArgs {
    deployment: Deployment;
    config: StackConfig;
    network: pulumi.Input<string>;
    /** The trainer's image, because it can read a survey. */
    image: pulumi.Input<string>;
    survey: SurveyData;
    reader: RegistryReader;
}

/** The page that shows the serving model, its health, and its predictions for traces of the survey. */
export class StatusPage extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: StatusPageArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:StatusPage", name, {}, opts);
        const { deployment, config } = args;
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: ROLE,
                network: args.network,
                image: args.image,
                user: args.survey.reader,
                command: signedIn(args.reader, trainerCommand(config.trainer, "status")),
                env: {
                    DATA_DIR: DATA_FOLDER,
                    DRIFT_THRESHOLD: String(config.alerts.drift.score),
                    ENVIRONMENT: config.environment,
                    LINKS: JSON.stringify(links(config)),
                    LOG_LEVEL: config.logLevel,
                    MLFLOW_EXPERIMENT_NAME: config.mlflow.experiment,
                    MLFLOW_TRACKING_URI: args.reader.trackingUri,
                    MODEL_NAME: config.model.name,
                    PORT: String(PORT),
                    SERVING_HOST: SERVING_ROLE,
                    SERVING_METRICS_PORT: String(SERVING_METRICS_PORT),
                    STACK: deployment.stack,
                    TRAINING_TIMEOUT: String(parseSeconds(config.training.timeout)!),
                    ...settingsVariables(config.trainer),
                } satisfies Given<StatusVariable, pulumi.Input<string>>,
                secrets: [args.reader.password],
                mounts: [args.survey.mount],
                temporary: LARGE_TEMPORARY,
                ...oneAtATime(answersOn(PORT, "/ready")),
                stopGraceSeconds: STOP_GRACE_SECONDS.status,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/** The page is on the API's port, so that it may ask the API with the credentials of its user. */
export function statusBranches({ statusPage }: StackConfig): Branch[] {
    return statusPage
        ? [{ name: ROLE, path: STATUS_PATH, upstream: { host: ROLE, port: PORT }, check: "/ready" }]
        : [];
}

/**
 * The links to the other pages: their addresses if these are given, else their ports on the host of the page itself.
 */
function links(config: StackConfig): Record<string, number | string> {
    const { access } = config;
    const target = (part: Part, port: number) =>
        access.url === undefined && access[part] === undefined ? port : publicUrl(access, "", part, port);
    const pages = publishedObservers(config).map(
        ({ role, page, port }) => [page, target(role, port)] as const,
    );
    return { MLflow: target("mlflow", config.mlflow.port), ...Object.fromEntries(pages) };
}
