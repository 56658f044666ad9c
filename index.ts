import * as pulumi from "@pulumi/pulumi";

import type { Deployment } from "./components/deployment";
import { EnvironmentNetwork } from "./components/environmentNetwork";
import { Gateway, GATEWAY_ROLE } from "./components/gateway";
import { mlflowEndpoint, ModelRegistry } from "./components/modelRegistry";
import { ModelServing, servingEndpoint } from "./components/modelServing";
import { SourceImage } from "./components/sourceImage";
import { previousRelease, releaseOutputs } from "./components/stackRecord";
import { SurveyData } from "./components/surveyData";
import { TrainingRun } from "./components/trainingRun";
import { loadConfig } from "./config";
import { isLocalEngine, preflight } from "./engine/preflight";
import { plainStacks } from "./errors";
import { resolveRelease } from "./source/release";
import { parseSeconds } from "./units";

plainStacks();

/** The picture of the design: each output is the next one's input, and nothing flows back. */
export = async () => {
    const config = loadConfig();
    const prefix = `${pulumi.getProject()}-${pulumi.getStack()}`;
    const host = new pulumi.Config("docker").get("host");
    const [release, engine] = await Promise.all([
        resolveRelease(process.cwd(), config.release),
        preflight(host, `${prefix}-${GATEWAY_ROLE}`, [
            { key: "mlflow.port", port: config.mlflow.port },
            { key: "serving.port", port: config.serving.port },
        ]),
    ]);
    const deployment: Deployment = {
        prefix,
        stack: pulumi.getStack(),
        environment: config.environment,
        engine,
        local: isLocalEngine(host),
        monitorSeconds: parseSeconds(config.monitor)!,
    };

    const network = new EnvironmentNetwork("network", { deployment }).id;
    const image = new SourceImage("trainer", {
        context: release.trainer,
        repository: "seismic-mlops/trainer",
    });
    const survey = new SurveyData("survey", { deployment, source: config.data, image: image.reference });
    const registry = new ModelRegistry("registry", { deployment, config: config.mlflow, network });
    const gateway = new Gateway("gateway", {
        deployment,
        network,
        endpoints: [servingEndpoint(config.serving), mlflowEndpoint(config.mlflow)],
    });

    const training = new TrainingRun("training", {
        deployment,
        config,
        release,
        network,
        image,
        survey,
        trackingUri: registry.trackingUri,
        previous: previousRelease,
    });
    const serving = new ModelServing("serving", {
        deployment,
        config,
        release,
        network,
        image,
        trackingUri: registry.trackingUri,
        model: training.result,
    });

    return releaseOutputs({
        config,
        release,
        image,
        gateway,
        model: training.result,
        services: [registry, serving, gateway],
    });
};
