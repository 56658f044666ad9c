import * as pulumi from "@pulumi/pulumi";

import { refuseUnwritable } from "./components/backup/backupFolder";
import { BackupKey } from "./components/backup/backupKey";
import { ScheduledBackups } from "./components/backup/scheduledBackups";
import { Deployment, stackPrefix } from "./components/stack/deployment";
import { EnvironmentNetworks } from "./components/stack/environmentNetwork";
import { certificateOf } from "./components/gateway/certificate";
import { GATEWAY_ROLE } from "./components/gateway/endpoint";
import { Gateway } from "./components/gateway/gateway";
import { mlflowEndpoint, ModelRegistry, REGISTRY_ROLE } from "./components/registry/modelRegistry";
import { ModelRelease } from "./components/release/modelRelease";
import { ModelServing, servingEndpoint } from "./components/serving/modelServing";
import { observerBranches, observerEndpoints, observers, waysInside } from "./components/observing/observers";
import { checkRoom } from "./components/release/reservations";
import { refuseUnshared } from "./components/data/sharedFolder";
import { BuiltInStore } from "./components/store/builtInStore";
import { givenStore, IMAGE_DOOR_ROLE, refuseAway } from "./components/store/images";
import { groundOf, SourceImage } from "./components/image/sourceImage";
import { checkNames } from "./components/stack/physicalNames";
import { refuseRenamed } from "./components/stack/renamedStack";
import { releaseOutputs } from "./components/release/stackOutputs";
import { recordUsers } from "./components/release/usersRecord";
import { lastUpdate, refuseUnvalidated } from "./components/stack/stackReleases";
import { swarmOf } from "./components/stack/swarm";
import { SurveyData, surveyFingerprint } from "./components/data/surveyData";
import { trainerImage, trainerSource } from "./components/image/trainer";
import { planTraining } from "./components/training/trainingPlan";
import { TrainingRun } from "./components/training/trainingRun";
import { loadConfig } from "./config/load";
import { publishedPorts } from "./config/rules";
import { loadSecrets } from "./config/secrets";
import { engineHost, isLocalEngine } from "./engine/address";
import { preflight, refuseTakenPorts } from "./engine/preflight";
import { refuseWhileRestored } from "./engine/restoring";
import { plainMistakes, plainStacks } from "./common/failures";
import { applyPolicies } from "./policy/program";
import { noteUse } from "./releases/lastUse";
import { resolveRelease } from "./releases/release";
import { checkTrainer } from "./components/training/trainerModules";
import { checkSettings } from "./components/training/trainerSettings";
import { parseSeconds } from "./common/units";

plainStacks();

/**
 * Wires the components as in the picture of the design: each output is the input of the
 * next one, and nothing flows back.
 */
async function program() {
    applyPolicies();
    const config = loadConfig();
    const secrets = loadSecrets(config);
    const stack = pulumi.getStack();
    const host = new pulumi.Config("docker").get("host");
    const owner = { project: pulumi.getProject(), stack };
    checkNames(owner);
    const prefix = stackPrefix(owner);
    const [last, release, engine] = await Promise.all([
        lastUpdate(stack),
        resolveRelease(
            process.cwd(),
            config.trainer.path,
            config.release,
            config.environment === "prod",
        ).then((it) => noteUse(process.cwd(), it)),
        preflight(host),
    ]);
    const { releases } = last;
    const local = isLocalEngine(host);
    // This check comes first: the tasks of a renamed stack still hold its ports, under the old name.
    await refuseRenamed(owner, engine, releases);
    const doors = config.registry.builtIn ? [IMAGE_DOOR_ROLE] : [];
    const publishing = [GATEWAY_ROLE, ...doors].map((role) => `${prefix}-${role}`);
    await refuseTakenPorts(engine, local, publishing, publishedPorts(config));
    if (!pulumi.runtime.isDryRun()) {
        await refuseWhileRestored(engine, prefix);
    }
    checkTrainer(process.cwd(), release, config);
    checkSettings(process.cwd(), release, config.trainer);
    const repository = trainerImage(config.trainer);
    const validated =
        config.promoteFrom === undefined
            ? undefined
            : await refuseUnvalidated(stack, config.promoteFrom, { ...release, repository }, releases);
    await refuseAway(engine, config.registry, secrets);
    const ground: Deployment = {
        ...owner,
        prefix,
        environment: config.environment,
        engine,
        // Another node's engine has no base image either, and nobody shall make one there.
        ...(await swarmOf(engine, `${prefix}-${REGISTRY_ROLE}`)),
        ...(await groundOf(engine)),
        host: engineHost(host),
        local,
        monitorSeconds: parseSeconds(config.monitor)!,
        limits: config.limits,
    };
    const ownStore = config.registry.builtIn
        ? new BuiltInStore("images", { deployment: ground, config: config.registry })
        : undefined;
    const deployment = { ...ground, images: ownStore ?? givenStore(engine, config.registry, secrets) };
    await checkRoom(deployment, config);
    await refuseUnshared(config.data, engine, deployment.local);
    refuseUnwritable(config.backup.folder, deployment.local);
    const fingerprint = surveyFingerprint(config.data, deployment.local);

    const networks = new EnvironmentNetworks("network", { deployment });
    const image = new SourceImage("trainer", {
        ...trainerSource(release, config.trainer),
        base: deployment.base,
        images: deployment.images,
        // Without a registry, no engine could find the image that another one built.
        validated: deployment.images === undefined ? undefined : validated?.imageDigest,
    });
    const survey = new SurveyData("survey", {
        deployment,
        source: config.data,
        trainer: config.trainer,
        image: image.reference,
        releases,
    });
    const registry = new ModelRegistry("registry", {
        ...{ deployment, config: config.mlflow, network: networks.registry },
        hasReader: config.backup.schedule !== undefined,
    });
    const gateway = new Gateway("gateway", {
        deployment,
        networks,
        endpoints: [
            servingEndpoint(config.serving, observerBranches(config), config.tls.hsts),
            mlflowEndpoint(config.mlflow),
            ...observerEndpoints(config),
        ],
        inside: waysInside(config),
        registry: registry.trackingUri,
        users: { roles: config.access.users, given: secrets.userPasswords, giving: secrets.giving },
        certificate: certificateOf(deployment, config, secrets),
        trusted: config.tls.trusted,
        logSample: config.access.logSample,
    });

    const ingredients = { config, release, image: image.tag, fingerprint };
    const training = new TrainingRun("training", {
        deployment,
        ingredients,
        plan: await planTraining({ ...ingredients, deployment, releases }),
        network: networks.registry,
        image,
        survey,
        trackingUri: registry.trackingUri,
        serving: releases[0],
    });
    const model = training.result;
    const serving = new ModelServing("serving", {
        deployment,
        config,
        release,
        network: networks.front,
        image,
        reader: gateway.reader("serving"),
        model,
    });
    const released = new ModelRelease("release", {
        deployment,
        ingredients,
        model,
        serving,
        gateway,
        image: image.reference,
        releases,
    });

    const watching = observers({
        deployment,
        ingredients,
        secrets,
        networks,
        gateway,
        image,
        survey,
        registry,
        model,
        released: released.releases,
        isFirst: releases.length === 0,
    });

    const backupKey = new BackupKey("backup-key").value;
    const backups =
        config.backup.schedule === undefined
            ? []
            : [
                  new ScheduledBackups("backup", {
                      ...{ deployment, config, network: networks.registry, registry },
                      ...{ key: backupKey, releases: released.releases },
                  }),
              ];

    const renewing = gateway.acme === undefined ? [] : [gateway.acme];
    return releaseOutputs({
        deployment,
        config,
        release,
        image,
        gateway,
        users: recordUsers({ deployment, config, gateway, registry, model, last }),
        model,
        backupKey,
        releases: released.releases,
        services: [
            registry,
            serving,
            gateway,
            { service: gateway.access },
            ...(gateway.others === undefined ? [] : [{ service: gateway.others }]),
            ...(ownStore?.services ?? []),
            ...renewing,
            ...watching,
            ...backups,
        ],
    });
}

export = () => plainMistakes(program);
