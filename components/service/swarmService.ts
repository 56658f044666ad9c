import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { identityHash } from "../../common/hashes";
import { generationOf, IDENTITY_VARIABLE, liveService } from "../../engine/rollout/generation";
import { followRollout, Rollout, RolloutError } from "../../engine/rollout/rollout";
import { endWith } from "../../common/failures";
import { listNodes } from "../../engine/nodes";
import { labels, LABELS_STAY } from "../stack/deployment";
import { nodesFor } from "./placement";
import { declaration, reservationOf, SwarmServiceArgs, watchSeconds } from "./serviceSpec";

/** Seconds in which a service's tasks must run for the first time. No task may take longer to get healthy. */
const START_TIMEOUT_SECONDS = 240;

/**
 * A replicated service. The engine updates a group of tasks at a time, and rolls back when a new task does not stay up.
 *
 * The provider returns as soon as the engine has accepted the order, so this component
 * follows the deployment. Nothing continues on a deployment that has not succeeded. A
 * failed deployment fails `up` with the last log lines of the tasks.
 */
export class SwarmService extends pulumi.ComponentResource {
    /** The physical name, once every replica of the declared spec is healthy. */
    readonly healthy: pulumi.Output<string>;
    /** The physical name, once every replica has also run for the monitor period. */
    readonly proven: pulumi.Output<string>;
    /** The state that the deployment must reach. */
    readonly rollout: pulumi.Output<Rollout>;

    constructor(name: string, args: SwarmServiceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:SwarmService", name, {}, opts);
        const { deployment, role } = args;
        const physicalName = `${deployment.prefix}-${role}`;

        const ports = args.alternate?.ports ?? [0];
        // Only the task's declaration is hashed: more replicas or another monitor period are no
        // reason to restart a task.
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
            { parent: this, ...LABELS_STAY, deleteBeforeReplace: mayPause(args) },
        );

        const replicas = args.onEach === true ? tasksOnEach(args) : args.replicas;
        const known = pulumi.all([service.id, generation.identity, replicas]);
        this.rollout = known.apply(([serviceId, identity, wanted]) => ({
            name: physicalName,
            serviceId,
            identity,
            replicas: wanted,
            reservation: reservationOf(role, args.reservations),
            monitorSeconds: deployment.monitorSeconds,
            settleSeconds: watchSeconds(args),
            timeoutSeconds: START_TIMEOUT_SECONDS,
        }));
        let following: Following | undefined;
        const follow = (it: Rollout) => (following ??= this.follow(it, args));
        // A preview waits for nothing. Were these unknown there, as the identity may be, everything that only waits for
        // this service would be shown as changed. A URN is known in a preview too.
        const previewed = pulumi.runtime.isDryRun() ? service.urn.apply(() => physicalName) : undefined;
        this.healthy = previewed ?? this.rollout.apply((it) => follow(it).healthy);
        this.proven = previewed ?? this.rollout.apply((it) => follow(it).proven);
        this.registerOutputs({ healthy: this.healthy });
    }

    private follow(rollout: Rollout, { deployment: { engine } }: SwarmServiceArgs): Following {
        const { name } = rollout;
        let onHealthy = (): void => undefined;
        const runs = new Promise<string>((resolve) => (onHealthy = () => resolve(name)));
        const proven = followRollout(engine, rollout, onHealthy).then(
            () => name,
            (error: unknown) => {
                if (error instanceof RolloutError) {
                    return endWith(this, error.message);
                }
                throw error;
            },
        );
        return { healthy: Promise.race([runs, proven]), proven };
    }
}

/**
 * Whether the provider may delete the service to make it anew, as it does for another network. A service that pauses at
 * each update may pause for this too, but for the front, without which nothing answers. An update that would replace
 * any other service fails and changes nothing, because two services cannot have one name.
 */
function mayPause({ order, ports = [] }: SwarmServiceArgs): boolean {
    return order === "stop-first" && ports.length === 0;
}

/** The tasks that a service has which runs on each node. */
async function tasksOnEach({ deployment, where = "anywhere" }: SwarmServiceArgs): Promise<number> {
    return nodesFor(where, await listNodes(deployment.engine), deployment).length;
}

/** A followed deployment: the service's name at two moments. */
interface Following {
    healthy: Promise<string>;
    proven: Promise<string>;
}

/** Another place is no reason to restart a task that may stay where it is. */
function specHash({
    placement: _,
    ...taskSpec
}: pulumi.Unwrap<ReturnType<typeof declaration>["taskSpec"]>): string {
    return identityHash(taskSpec);
}
