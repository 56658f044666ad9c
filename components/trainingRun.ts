import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { failureOf } from "../errors";
import type { StackConfig } from "../config";
import { removeOthers, TOKEN_LABEL, TrainingFollower, TRIGGER_LABEL } from "../engine/training";
import type { Release } from "../source/release";
import { parseBytes, parseSeconds } from "../units";
import { Deployment, labels, ROLE_LABEL, STACK_LABEL } from "./deployment";
import { failed, finished } from "./oneShot";
import type { SourceImage } from "./sourceImage";
import { showProgress } from "./progress";
import type { SurveyData } from "./surveyData";
import { renderMount } from "./swarmService";
import { environment, planRun, RunPlan, triggerOf } from "./trainingPlan";
import { parseResult, TrainingResult } from "./trainingResult";

const ROLE = "training";
/** The provider's own limit lies beyond ours, which stops the container and says so. */
const PROVIDER_MARGIN_SECONDS = 120;
const DESTROY_GRACE_SECONDS = 10;
const MEGABYTE = 2 ** 20;

export interface TrainingRunArgs {
    deployment: Deployment;
    config: StackConfig;
    release: Release;
    network: pulumi.Input<string>;
    image: SourceImage;
    survey: SurveyData;
    trackingUri: pulumi.Input<string>;
    /** Reads what the stack's last update registered; undefined when there is none. */
    previous: () => pulumi.Output<TrainingResult | undefined>;
}

/**
 * One run of the trainer against this environment's registry, and the checked
 * result that serving depends on.
 */
export class TrainingRun extends pulumi.ComponentResource {
    readonly result: pulumi.Output<TrainingResult>;

    constructor(name: string, args: TrainingRunArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:TrainingRun", name, {}, opts);
        this.result = args.config.training.run === "never" ? this.kept(args) : this.trained(args);
        this.registerOutputs({ result: this.result });
    }

    private kept(args: TrainingRunArgs): pulumi.Output<TrainingResult> {
        return args.previous().apply((previous) => {
            if (previous === undefined) {
                throw failureOf(
                    this,
                    "training.run: got never, but this stack has no model yet; train one first: " +
                        "pulumi config set --path training.run on-change",
                );
            }
            return previous;
        });
    }

    private trained(args: TrainingRunArgs): pulumi.Output<TrainingResult> {
        const { deployment, config } = args;
        const trigger = triggerOf(args);
        const selector = [`${STACK_LABEL}=${deployment.stack}`, `${ROLE_LABEL}=${ROLE}`];
        const plan = pulumi.output(planRun(deployment, config.training.run === "always", trigger, selector));
        const timeoutSeconds = parseSeconds(config.training.timeout)!;
        const container = new docker.Container(
            // Pulumi adds a suffix: what an interrupted update left must not stand in the way.
            `${deployment.prefix}-${ROLE}`,
            {
                image: args.image.reference,
                command: ["python", "-m", "seismic.train"],
                envs: plan.apply((it) => pulumi.output(environment(args, it))),
                networksAdvanced: [{ name: args.network }],
                mounts: [args.survey.mount.apply(renderMount)],
                ...limits(config.training.limits),
                attach: true,
                logs: true,
                mustRun: false,
                destroyGraceSeconds: DESTROY_GRACE_SECONDS,
                labels: plan.apply(({ token }) =>
                    labels(deployment, ROLE, { [TOKEN_LABEL]: token, [TRIGGER_LABEL]: trigger }),
                ),
            },
            {
                parent: this,
                deleteBeforeReplace: true,
                customTimeouts: { create: `${timeoutSeconds + PROVIDER_MARGIN_SECONDS}s` },
            },
        );
        let follower: TrainingFollower | undefined;
        const following = plan.apply(({ token }) => {
            follower = this.follow(deployment, token, timeoutSeconds);
            return token;
        });
        const result = pulumi
            .all([container.id, container.exitCode, container.containerLogs, following])
            .apply(async ([id, exitCode, log]) => {
                follower?.end();
                if (!pulumi.runtime.isDryRun()) {
                    await removeOthers(deployment.engine, selector, id);
                }
                return this.check(
                    deployment,
                    id,
                    exitCode,
                    log,
                    follower?.timedOut ? config.training.timeout : undefined,
                );
            });
        return pulumi.runtime.isDryRun() ? this.predicted(args.previous(), plan, result) : result;
    }

    /**
     * What a preview expects: training the same thing again gives the same
     * model, so only something else to train makes the result unknown.
     */
    private predicted(
        previous: pulumi.Output<TrainingResult | undefined>,
        plan: pulumi.Output<RunPlan>,
        result: pulumi.Output<TrainingResult>,
    ): pulumi.Output<TrainingResult> {
        return pulumi
            .all([previous, plan])
            .apply(([known, { repeats }]) =>
                known !== undefined && repeats ? pulumi.output(known) : result,
            );
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
        deployment: Deployment,
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
        return result;
    }
}

function limits({ cpus, memory }: StackConfig["training"]["limits"]) {
    return {
        ...(cpus === undefined ? {} : { cpus: String(cpus) }),
        ...(memory === undefined ? {} : { memory: parseBytes(memory)! / MEGABYTE }),
    };
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
