import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";

import type { StackConfig } from "../../config/schema";
import { existing } from "../../engine/client";
import { roomOf } from "../../engine/rollout/room";
import { type Claim, planRoom } from "../../engine/rollout/roomPlan";
import { isOnNode, listTasks, type Task } from "../../engine/rollout/tasks";
import { mistake } from "../../common/mistake";
import type { Deployment } from "../stack/deployment";
import { REGISTRY_ROLE } from "../registry/modelRegistry";
import { SERVING_ROLE } from "../serving/modelServing";
import { reservationOf } from "../service/serviceSpec";

/**
 * The parts of a stack that can reserve something, with their replicas. `beside` says
 * whether a new task runs beside the old one.
 */
export function reservingParts({ mlflow, serving }: Pick<StackConfig, "mlflow" | "serving">) {
    const parts = [
        { role: REGISTRY_ROLE, reserved: mlflow.reservations, replicas: 1, beside: false },
        { role: SERVING_ROLE, reserved: serving.reservations, replicas: serving.replicas, beside: true },
    ];
    return parts.flatMap(({ role, reserved, replicas, beside }) => {
        const reservation = reservationOf(role, reserved);
        return reservation === undefined ? [] : [{ role, reservation, replicas, beside }];
    });
}

/**
 * Compares the reservations of a stack with the room that its swarm has left. If only an
 * update that changes a service would lack room, this is a warning.
 *
 * @throws a mistake when this update needs more room
 */
export async function checkRoom(
    { engine, prefix }: Pick<Deployment, "engine" | "prefix">,
    config: Pick<StackConfig, "mlflow" | "serving">,
): Promise<void> {
    const parts = reservingParts(config);
    if (parts.length === 0) {
        return;
    }
    const tasks = await listTasks(engine);
    const [rooms, claims] = await Promise.all([
        roomOf(engine, tasks),
        Promise.all(
            parts.map(async ({ role, ...part }): Promise<Claim> => {
                return { ...part, live: await liveTasks(engine, `${prefix}-${role}`, tasks) };
            }),
        ),
    ]);
    const problems = planRoom(rooms, claims);
    const certain = problems.filter(({ isCertain }) => isCertain);
    if (certain.length > 0) {
        throw mistake([...certain.map(({ text }) => text), REMEDY].join("\n"));
    }
    for (const { text } of problems) {
        await pulumi.log.warn(`an update that changes the service would wait for room:\n${text}\n${REMEDY}`);
    }
}

const REMEDY = "Lower it, or what another stack on this engine reserves; or give the engine more nodes";

async function liveTasks(engine: Docker, service: string, tasks: readonly Task[]): Promise<Task[]> {
    const found = await existing(engine.getService(service).inspect() as Promise<Docker.Service>);
    return found === undefined
        ? []
        : tasks.filter(
              (task) => task.ServiceID === found.ID && isOnNode(task) && task.DesiredState === "running",
          );
}
