import { createHash } from "node:crypto";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { generationOf, IDENTITY_VARIABLE, liveService } from "../engine/generation";
import { followRollout, Rollout, RolloutError } from "../engine/rollout";
import { endWith } from "../errors";
import { labels, LABELS_STAY } from "./deployment";
import { declaration, SwarmServiceArgs, watchSeconds } from "./serviceSpec";

/** A service's tasks have this long to run for the first time, longer than any may take to get healthy. */
const START_TIMEOUT_SECONDS = 240;

/**
 * A replicated service, updated one task at a time and rolled back by the
 * engine when a new task does not stay up.
 *
 * The provider returns as soon as the engine took the order; what comes of it
 * is followed here, so that nothing depends on a deployment that has not come
 * about, and a failed one fails `up` with what the tasks said last.
 */
export class SwarmService extends pulumi.ComponentResource {
    /** The physical name, once every replica of the declared spec is healthy. */
    readonly healthy: pulumi.Output<string>;
    /** The physical name, once every replica has also run for the monitor period. */
    readonly proven: pulumi.Output<string>;
    /** What the deployment must come to. */
    readonly rollout: pulumi.Output<Rollout>;

    constructor(name: string, args: SwarmServiceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:SwarmService", name, {}, opts);
        const { deployment, role } = args;
        const physicalName = `${deployment.prefix}-${role}`;

        const ports = args.alternate?.ports ?? [0];
        // What makes a task: more replicas or another monitor period are no reason to restart one.
        const { taskSpec: task } = declaration(args, pulumi.output(ports[0]));
        const generation = pulumi
            .all([task, liveService(deployment.engine, physicalName)])
            .apply(([spec, live]) => generationOf(specHash(spec), live, ports));
        const declared = declaration(args, generation.port);
        const containerSpec = {
            ...declared.taskSpec.containerSpec,
            env: { [IDENTITY_VARIABLE]: generation.identity },
        };
        const service = new docker.Service(
            `${name}-service`,
            {
                ...declared,
                name: physicalName,
                labels: labels(deployment, role),
                taskSpec: { ...declared.taskSpec, containerSpec },
            },
            { parent: this, ...LABELS_STAY },
        );

        this.rollout = pulumi.all([service.id, generation.identity]).apply(([serviceId, identity]) => ({
            name: physicalName,
            serviceId,
            identity,
            replicas: args.replicas,
            monitorSeconds: deployment.monitorSeconds,
            settleSeconds: watchSeconds(args),
            timeoutSeconds: START_TIMEOUT_SECONDS,
        }));
        const follow = (it: Rollout) => this.follow(it, args);
        this.healthy = this.rollout.apply((it) => follow({ ...it, monitorSeconds: 0, settleSeconds: 0 }));
        this.proven = this.rollout.apply(follow);
        this.registerOutputs({ healthy: this.healthy });
    }

    private async follow(rollout: Rollout, args: SwarmServiceArgs): Promise<string> {
        if (!pulumi.runtime.isDryRun()) {
            try {
                await followRollout(args.deployment.engine, rollout);
            } catch (error) {
                if (error instanceof RolloutError) {
                    return endWith(this, error.message);
                }
                throw error;
            }
        }
        return rollout.name;
    }
}

function specHash(taskSpec: unknown): string {
    return createHash("sha256").update(JSON.stringify(taskSpec)).digest("hex").slice(0, 16);
}
