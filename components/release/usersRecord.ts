import * as pulumi from "@pulumi/pulumi";

import type { Role } from "../../config/access/roles";
import type { StackConfig } from "../../config/schema";
import { endWith } from "../../common/failures";
import { NoAnswer } from "../../engine/streams/insideHttp";
import { whoReleases } from "../../releases/author";
import { changedUsers, userChangesIn, userTag } from "../../releases/userChanges";
import type { Gateway } from "../gateway/gateway";
import { RegisteredModel, RegistryRefused } from "../registry/mlflow";
import type { ModelRegistry } from "../registry/modelRegistry";
import { insideRegistry } from "../registry/senders";
import type { Deployment } from "../stack/deployment";
import type { LastUpdate } from "../stack/stackReleases";
import type { TrainingResult } from "../training/trainingResult";

export interface UsersRecordArgs {
    deployment: Deployment;
    config: StackConfig;
    gateway: Gateway;
    registry: Pick<ModelRegistry, "service">;
    /** The model has been registered once this is known. */
    model: pulumi.Output<TrainingResult>;
    /** The last update of this stack. */
    last: LastUpdate;
}

/**
 * Writes each change of the users into the registry's history, which outlives the stack, once the gateway knows them.
 * The history then also has the changes that came by a plain `pulumi up`. It has no password and no hash of one.
 *
 * @returns the roles by user, once the change is written down
 */
export function recordUsers(args: UsersRecordArgs): pulumi.Output<Record<string, Role>> {
    const { config, gateway, registry, model, last } = args;
    const { users: roles } = config.access;
    // A rotation may renew MLflow's password for its database in the same update.
    const ready = pulumi.all([gateway.access.proven, registry.service.healthy, model]);
    const written = pulumi
        .all([gateway.passwords, gateway.access.rollout, ready])
        .apply(async ([passwords, { identity }]) => {
            const what = changedUsers(last.users, { roles, passwords });
            if (what.length > 0 && !pulumi.runtime.isDryRun()) {
                await write(args, what, identity).catch((error: unknown) =>
                    endWith(gateway, unwritten(what, error)),
                );
            }
            return roles;
        });
    // The passwords are compared only. The result does not contain them.
    return pulumi.unsecret(written);
}

/** Writes a change down, unless an update that failed afterwards has done so. */
async function write({ deployment, config }: UsersRecordArgs, what: string[], tasks: string): Promise<void> {
    const inside = await insideRegistry(deployment);
    if (inside === undefined) {
        throw new NoAnswer("MLflow does not run");
    }
    const registered = new RegisteredModel(inside, config.model.name);
    const isWritten = userChangesIn(await registered.tags()).some(
        (it) => it.tasks === tasks && it.what.join() === what.join(),
    );
    if (!isWritten) {
        const at = new Date().toISOString();
        await registered.setTag(...userTag({ at, by: await whoReleases(), what, tasks }));
    }
}

function unwritten(what: readonly string[], error: unknown): string {
    const isKnown = error instanceof NoAnswer || error instanceof RegistryRefused;
    const why = isKnown ? error.message : error instanceof Error ? error.stack : String(error);
    return `the users are changed (${what.join(", ")}), but the history does not say so: ${why}\nRun pulumi up again`;
}
