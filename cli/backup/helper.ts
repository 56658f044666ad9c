/**
 * A container that sees MLflow's volumes, also while MLflow is down. While it exists, updates of the stack
 * are refused.
 */
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { ownLabels } from "../../components/stack/deployment";
import { REGISTRY_ROLE } from "../../components/registry/modelRegistry";
import { isConflict, isNotFound } from "../../engine/client";
import { restoreHelper } from "../../engine/restoring";
import type { Place } from "../stack/target";

const ROLE = "restore";

/**
 * Runs work with such a container. It lives as long as this program's connection to it, so it also ends when
 * the program is killed. Its name exists only once, so nobody else can restore or prune the same registry
 * meanwhile.
 */
export async function withHelper<T>(target: Place, work: (helper: string) => Promise<T>): Promise<T> {
    const container = await create(target);
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
    // The container writes nothing, but the connection stays open until somebody has read its output to the
    // end.
    stream.resume();
    try {
        await container.start();
        return await work(container.id);
    } finally {
        const removed = container.wait({ condition: "removed" });
        stream.end();
        await removed.catch((error: unknown) => {
            if (!isNotFound(error)) {
                throw error;
            }
        });
    }
}

async function create(target: Place): Promise<Docker.Container> {
    const { engine, stack, prefix } = target;
    const name = restoreHelper(prefix);
    const { Image, User, Mounts } = await mlflowSpec(target);
    const options: Docker.ContainerCreateOptions = {
        name,
        Image,
        User,
        // This command runs until its standard input ends.
        Cmd: ["cat"],
        OpenStdin: true,
        StdinOnce: true,
        Labels: ownLabels(target, ROLE),
        HostConfig: { AutoRemove: true, NetworkMode: "none", Mounts },
    };
    try {
        return await engine.createContainer(options);
    } catch (error) {
        if (!isConflict(error)) {
            throw error;
        }
    }
    // A program that was killed at this moment leaves a container that was never started.
    const { State } = await engine.getContainer(name).inspect();
    if (State.Status !== "created") {
        throw mistake(
            `Stack ${stack}: a restore or a pruning of its registry is under way (container ${name}). Nothing was changed.`,
        );
    }
    await engine.getContainer(name).remove();
    return engine.createContainer(options);
}

async function mlflowSpec({ engine, stack, prefix }: Place) {
    const name = `${prefix}-${REGISTRY_ROLE}`;
    try {
        const { Spec } = (await engine.getService(name).inspect()) as Docker.Service;
        const task = Spec!.TaskTemplate as Docker.ContainerTaskSpec;
        const { Image, User, Mounts } = task.ContainerSpec!;
        return { Image, User, Mounts: Mounts as Docker.MountSettings[] };
    } catch (error) {
        if (isNotFound(error)) {
            throw mistake(
                `Stack ${stack}: this engine has no service ${name}. Bring the stack up first: ` +
                    `npm start -- --stack ${stack}. Nothing was changed.`,
            );
        }
        throw error;
    }
}
