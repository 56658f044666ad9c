import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import { isRetrained } from "../../config/observability";
import type { Secrets } from "../../config/secrets";
import type { ReleaseRecord } from "../../releases/records";
import type { Deployment } from "../stack/deployment";
import { Grafana, grafanaEndpoints } from "./grafana";
import type { Branch, Endpoint } from "../gateway/endpoint";
import type { ModelRegistry } from "../registry/modelRegistry";
import { Monitoring, monitoringEndpoints } from "./monitoring";
import { Retraining, retrainingBranches } from "./retraining";
import { RunSummary } from "../training/runSummary";
import type { SourceImage } from "../image/sourceImage";
import { StatusPage, statusBranches } from "./statusPage";
import type { SurveyData } from "../data/surveyData";
import type { SwarmService } from "../service/swarmService";
import type { Ingredients } from "../training/trainingPlan";

export interface ObserversArgs {
    deployment: Deployment;
    ingredients: Ingredients;
    secrets: Secrets;
    network: pulumi.Input<string>;
    image: SourceImage;
    survey: SurveyData;
    registry: ModelRegistry;
    /** Known once training has made a model that may serve. */
    model: pulumi.Output<unknown>;
    /** The validated releases, newest first; known once the serving model has been released. */
    released: pulumi.Output<ReleaseRecord[]>;
    /** Whether nothing was released before. */
    isFirst: boolean;
}

/** The parts of a stack that watch the others, each if the configuration asks for it. */
export function observers(args: ObserversArgs): { service: SwarmService }[] {
    const { deployment, ingredients, network, survey, registry } = args;
    const { config } = ingredients;
    const shared = { deployment, network, survey, trackingUri: registry.trackingUri };
    // Wait for the model or the release: if it fails, the observers keep the old image.
    const imageAfter = (event: pulumi.Output<unknown>) =>
        pulumi.all([args.image.reference, event]).apply(([reference]) => reference);
    const { grafana } = config;
    // Before the first release nothing serves, and a Prometheus that is already there would raise an alarm.
    const monitoring = config.monitoring.enabled
        ? new Monitoring("monitoring", { ...args, config, after: args.isFirst ? args.released : undefined })
        : undefined;
    return [
        ...(monitoring?.services ?? []),
        config.statusPage && new StatusPage("status", { ...shared, config, image: imageAfter(args.model) }),
        grafana.image !== undefined && new Grafana("grafana", { deployment, network, image: grafana.image }),
        config.summary.enabled === true &&
            new RunSummary("summary", { deployment, network, config: config.summary }),
        isRetrained(config) &&
            new Retraining("retraining", {
                ...{ ...shared, ingredients, releases: args.released },
                image: imageAfter(args.released),
            }),
    ].filter((part) => typeof part === "object");
}

/** The observers that answer on the API's port. */
export function observerBranches(config: StackConfig): Branch[] {
    return [...statusBranches(config), ...retrainingBranches(config)];
}

/** The observers' endpoints with ports of their own. */
export function observerEndpoints(config: StackConfig): Endpoint[] {
    return [...monitoringEndpoints(config), ...grafanaEndpoints(config)];
}
