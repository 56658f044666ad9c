import * as pulumi from "@pulumi/pulumi";

import { InsideHttp, NoAnswer } from "../../engine/streams/insideHttp";
import { RegisteredModel, RegistryRefused } from "../registry/mlflow";
import { rollBack, Rollout, RolloutError } from "../../engine/rollout/rollout";
import { Expectations, parseExpectations, smokeTest } from "./smokeTest";
import { endWith } from "../../common/failures";
import { EXPECTATIONS, RELEASE_TAG } from "../../contract/names";
import { isSameRelease, reasonFor, ReleaseRecord, withRelease } from "../../releases/records";
import { whoReleases } from "../../releases/author";
import type { Deployment } from "../stack/deployment";
import { apiInside, type Gateway } from "../gateway/gateway";
import { insideFront, insideRegistry } from "../registry/senders";
import type { ModelServing } from "../serving/modelServing";
import { showProgress } from "../stack/progress";
import { mark, repair, VersionLost } from "../registry/registryMarks";
import { recipeOf, Ingredients } from "../training/trainingPlan";
import type { TrainingResult } from "../training/trainingResult";

export interface ModelReleaseArgs {
    deployment: Deployment;
    ingredients: Ingredients;
    model: pulumi.Output<TrainingResult>;
    serving: ModelServing;
    gateway: Gateway;
    /** The name of the image that serves. */
    image: pulumi.Input<string>;
    /** The stack's validated releases, newest first. */
    releases: ReleaseRecord[];
}

/**
 * Releases a rolled-out model: first a smoke test through the gateway, then the stage and the alias in the
 * registry, then an entry in the list of validated releases. A model that fails the test is rolled back.
 */
export class ModelRelease extends pulumi.ComponentResource {
    /** The validated releases, this one first. */
    readonly releases: pulumi.Output<ReleaseRecord[]>;

    constructor(name: string, args: ModelReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:ModelRelease", name, {}, opts);
        const { serving, gateway } = args;
        const proven = pulumi.all([serving.service.proven, gateway.service.proven, gateway.access.proven]);
        // A preview asks for nothing. The password of a new user, and so the record of all, is unknown there.
        const password = pulumi.runtime.isDryRun() ? "" : gateway.password;
        const released = pulumi
            .all([args.model, serving.service.rollout, password, args.image, proven])
            .apply(([model, rollout, known, image]) =>
                this.release(args, { model, rollout, image }, known).catch((error: unknown) =>
                    endWith(this, unreleased(error)),
                ),
            );
        // The password is used for requests only. The result does not contain it.
        this.releases = pulumi.unsecret(released);
        this.registerOutputs({});
    }

    private async release(args: ModelReleaseArgs, made: Made, password: string): Promise<ReleaseRecord[]> {
        const { releases } = args;
        const { model, rollout } = made;
        const record = recordOf(args, made);
        const [newest] = releases;
        const isSame = newest !== undefined && isSameRelease(newest, record);
        if (pulumi.runtime.isDryRun()) {
            return withRelease(releases, record);
        }
        if (isSame && newest.serving === record.serving) {
            await this.keepMarks(args, record);
            return withRelease(releases, record);
        }
        const [inside, front] = await Promise.all([
            insideRegistry(args.deployment),
            insideFront(args.deployment),
        ]);
        if (inside === undefined || front === undefined) {
            throw new NoAnswer(`${inside === undefined ? "MLflow" : "the gateway"} does not run`);
        }
        showProgress(this, "smoke test");
        const registered = new RegisteredModel(inside, args.ingredients.config.model.name);
        await this.test(args, front, rollout, password, {
            model,
            expectations: await this.expectations(registered, model),
        });
        showProgress(this, "stage and alias");
        const validated = { ...record, by: await whoReleases(), at: new Date().toISOString() };
        await mark(registered, args.ingredients.config.model.stage, validated);
        if (!isSame) {
            await writeDown(registered, newest, validated);
        }
        return withRelease(releases, validated);
    }

    /** Repairs the registry if somebody changed it since this release. If the version is lost, ends the program. */
    private async keepMarks(
        { deployment, ingredients: { config } }: ModelReleaseArgs,
        record: ReleaseRecord,
    ): Promise<void> {
        try {
            const inside = await insideRegistry(deployment);
            if (inside === undefined) {
                throw new NoAnswer("MLflow does not run");
            }
            const registered = new RegisteredModel(inside, config.model.name);
            const wrong = await repair(registered, config.model.stage, record);
            if (wrong !== undefined) {
                await pulumi.log.warn(`${config.model.name}: ${wrong}`, this);
            }
        } catch (error) {
            if (error instanceof NoAnswer) {
                await pulumi.log.warn(
                    `whether alias and stage are right is not known: ${error.message}`,
                    this,
                );
            } else if (error instanceof VersionLost) {
                const again = `pulumi config set --path training.run always --stack ${deployment.stack}`;
                await endWith(this, `${error.message}. Have it trained again: ${again}, then pulumi up`);
            } else {
                throw error;
            }
        }
    }

    /** If an answer is wrong, goes back to the version that served before, and ends the program. */
    private async test(
        { deployment, gateway, ingredients }: ModelReleaseArgs,
        inside: InsideHttp,
        rollout: Rollout,
        password: string,
        { model, expectations }: { model: TrainingResult; expectations: Expectations | undefined },
    ): Promise<void> {
        const problems = await smokeTest(inside, {
            api: apiInside(ingredients.config),
            credentials: { username: gateway.username, password },
            model,
            expectations,
        });
        if (problems.length === 0) {
            return;
        }
        const lines = problems.map((problem) => `  ${problem}`);
        showProgress(this, "smoke test failed; going back");
        await endWith(
            this,
            [
                `version ${model.version} failed the smoke test through the gateway; ${await wentBack(deployment, rollout)}`,
                ...lines,
                "Nothing was released. Mend the serving code, or go back: npm run rollback",
            ].join("\n"),
        );
    }

    private async expectations(
        registered: RegisteredModel,
        model: TrainingResult,
    ): Promise<Expectations | undefined> {
        const text = await registered.artifact(model.runId, EXPECTATIONS);
        if (text === undefined) {
            void pulumi.log.warn(
                `run ${model.runId} has no ${EXPECTATIONS}; the smoke test asks for the version only`,
                this,
            );
            return undefined;
        }
        return parseExpectations(text);
    }
}

/** The message for any failure after the rollout. The next update does all steps again. */
function unreleased(error: unknown): string {
    const isKnown = error instanceof NoAnswer || error instanceof RegistryRefused;
    const what = isKnown ? error.message : error instanceof Error ? error.stack : String(error);
    return `the new version serves, but was not released: ${what}\nRun pulumi up again`;
}

/** What an update has rolled out. */
interface Made {
    readonly model: TrainingResult;
    readonly rollout: Rollout;
    /** The name of the image that serves. */
    readonly image: string;
}

function recordOf({ ingredients, releases }: ModelReleaseArgs, { model, rollout, image: served }: Made) {
    const { config, release, image } = ingredients;
    const { version, sha256, filesSha256, runId, dataSha256, trainedAt, metrics } = model;
    const { commit, ref, dirty } = release;
    return {
        ...{ commit, ref, dirty, image, version, sha256, filesSha256, runId, dataSha256, trainedAt, metrics },
        ...(served.includes("@sha256:") ? { imageDigest: served } : {}),
        recipe: recipeOf(ingredients),
        serving: rollout.identity,
        at: "",
        by: "",
        why: process.env.RELEASE_REASON ?? reasonFor(config, releases, release, image),
    };
}

async function wentBack({ engine }: Deployment, rollout: Rollout): Promise<string> {
    try {
        return (await rollBack(engine, rollout))
            ? "what served before serves again:"
            : "there is nothing to go back to, so it runs on, unreleased:";
    } catch (error) {
        if (error instanceof RolloutError) {
            return `going back failed as well (${error.message}):`;
        }
        throw error;
    }
}

/** Adds an entry to the registry's history, which outlives the stack. */
async function writeDown(
    registered: RegisteredModel,
    from: ReleaseRecord | undefined,
    { by, why, at, version, commit, ref, image }: ReleaseRecord,
): Promise<void> {
    const change = {
        by,
        why,
        from: from && { version: from.version, commit: from.commit },
        to: { version, commit, ref, image },
    };
    await registered.setTag(`${RELEASE_TAG}${at}`, JSON.stringify(change));
}
