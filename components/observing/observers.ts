import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import { isRetrained } from "../../config/observability";
import type { Secrets } from "../../config/secrets";
import type { ReleaseRecord } from "../../releases/records";
import type { Deployment } from "../stack/deployment";
import type { Networks } from "../stack/environmentNetwork";
import { Grafana, grafanaEndpoints } from "./grafana";
import type { Branch, Endpoint } from "../gateway/endpoint";
import type { Gateway } from "../gateway/gateway";
import type { Inside } from "../gateway/inside";
import { mlflowEndpoint, type ModelRegistry } from "../registry/modelRegistry";
import { Monitoring, monitoringEndpoints, scrapeTargets } from "./monitoring";
import { Retraining, RETRAINING_ALERTS_PATH, RETRAINING_ROLE, retrainingBranches } from "./retraining";
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
    networks: Networks;
    gateway: Gateway;
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
    const { deployment, ingredients, networks, survey, registry, gateway } = args;
    const { config } = ingredients;
    const network = networks.front;
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
        config.statusPage &&
            new StatusPage("status", {
                ...{ deployment, network, survey, config },
                reader: gateway.reader("status"),
                image: imageAfter(args.model),
            }),
        grafana.image !== undefined &&
            new Grafana("grafana", {
                ...{ deployment, network, image: grafana.image },
                model: config.model.name,
            }),
        config.summary.enabled === true &&
            new RunSummary("summary", { deployment, network: networks.registry, config: config.summary }),
        isRetrained(config) &&
            new Retraining("retraining", {
                ...{ deployment, ingredients, survey, releases: args.released },
                network: networks.registry,
                trackingUri: registry.trackingUri,
                image: imageAfter(args.released),
            }),
    ].filter((part) => typeof part === "object");
}

/** The observers that answer on the API's port. */
export function observerBranches(config: StackConfig): Branch[] {
    return [...statusBranches(config), ...retrainingBranches(config)];
}

/** The ways of a stack's own services into the registry's network. */
export function waysInside(config: StackConfig): Inside {
    const { monitoring, retraining, statusPage } = config;
    const posts = monitoring.enabled && retraining.onDrift;
    return {
        insiders: [
            "serving",
            ...(statusPage ? (["status"] as const) : []),
            ...(monitoring.enabled ? (["prometheus"] as const) : []),
            ...(posts ? (["alertmanager"] as const) : []),
        ],
        registry: mlflowEndpoint(config.mlflow),
        scraped: monitoring.enabled ? scrapeTargets(config).filter(({ inside }) => inside) : [],
        alerted: posts ? { backend: RETRAINING_ROLE, path: RETRAINING_ALERTS_PATH } : undefined,
    };
}

/** The observers' endpoints with ports of their own. */
export function observerEndpoints(config: StackConfig): Endpoint[] {
    return [...monitoringEndpoints(config), ...grafanaEndpoints(config)];
}
