import type Docker from "dockerode";

import { quoted } from "../../common/mistake";
import { failedProbe, tailOfContainer } from "../client";
import { listNodes, nameOf, ownNode } from "../nodes";
import { identityOf, TaskSpec } from "./generation";

const LOG_LINES = 15;

/** A task in the engine's answer. */
export interface Task {
    ID: string;
    ServiceID?: string;
    NodeID?: string;
    Slot?: number;
    DesiredState: string;
    /**
     * `CreatedAt` and `UpdatedAt` are by the manager's clock. The times of `Status` are by the
     * clock of the task's node.
     */
    CreatedAt: string;
    UpdatedAt: string;
    Spec: TaskSpec & { Resources?: { Reservations?: { NanoCPUs?: number; MemoryBytes?: number } } };
    Status: { State: string; Err?: string; ContainerStatus?: { ContainerID?: string } };
}

/** The states in which a task holds its reservation on its node. */
const ON_NODE = ["assigned", "accepted", "preparing", "ready", "starting", "running"];

/** The tasks of one service, or of all services. */
export async function listTasks(engine: Docker, serviceId?: string): Promise<Task[]> {
    const filters = JSON.stringify(serviceId === undefined ? {} : { service: [serviceId] });
    return (await engine.listTasks({ filters })) as Task[];
}

/** Whether a task was declared with this identity. */
export function isOf(task: Task, identity: string): boolean {
    return identityOf(task.Spec) === identity;
}

/** Whether a task runs and is meant to run. */
export function runs(task: Task): boolean {
    return task.DesiredState === "running" && task.Status.State === "running";
}

/** The number of running tasks that were declared with another identity. */
export function runningOfOthers(tasks: readonly Task[], identity: string): number {
    return tasks.filter((task) => runs(task) && !isOf(task, identity)).length;
}

/** Whether a task ended by itself, or could not begin. */
export function hasFailed(task: Task): boolean {
    return ["failed", "rejected"].includes(task.Status.State);
}

/** Whether a task waits because no node can take it. */
export function isUnplaced(task: Task): boolean {
    return task.Status.State === "pending" && (task.Status.Err ?? "") !== "";
}

/** Whether a task holds its reservation. A task that is being ended still does. */
export function isOnNode(task: Task): boolean {
    return ON_NODE.includes(task.Status.State);
}

/** The message of a failed deployment: first the event, then each failed task with its last lines. */
export async function failure(
    engine: Docker,
    what: string,
    tasks: readonly Task[],
    identity: string,
): Promise<string> {
    const newest = (a: Task, b: Task) => b.CreatedAt.localeCompare(a.CreatedAt);
    const ofSpec = tasks.filter((task) => isOf(task, identity)).sort(newest);
    const failed = ofSpec.filter(hasFailed);
    // A task that never got healthy has not failed yet, but its lines say why it is not healthy.
    const shown = (failed.length > 0 ? failed : ofSpec).slice(0, 2);
    const reports = await Promise.all(shown.map((task) => report(engine, task)));
    const without = failed.filter(({ Status }) => /no such image/i.test(Status.Err ?? ""));
    return [what, ...reports.flat(), ...(await missingImage(engine, without))].join("\n");
}

/** Says on which nodes an image is missing, and how it gets there. */
async function missingImage(engine: Docker, tasks: readonly Task[]): Promise<string[]> {
    const [task] = tasks;
    if (task === undefined) {
        return [];
    }
    const [nodes, own] = await Promise.all([listNodes(engine), ownNode(engine)]);
    const others = nodes.filter(({ ID }) => ID !== own.id && tasks.some(({ NodeID }) => NodeID === ID));
    if (others.length === 0) {
        return [IMAGE_GONE];
    }
    const lack = `${others.map(nameOf).join(", ")} ${others.length === 1 ? "lacks" : "lack"} the image`;
    return DOOR.test(task.Spec.ContainerSpec?.Image ?? "")
        ? [
              `  ${lack} by which a node reaches the stack's registry. Give it to each node: ` +
                  "npm run mlops -- nodes prepare ssh://USER@NODE --stack STACK --yes",
          ]
        : [`  ${lack}, and no registry has it: set registry.builtIn or registry.address (docs/nodes.md)`];
}

/** The image of the nodes' doors to a stack's own registry: components/store/builtInStore.ts. */
const DOOR = /\/image-door:/;

/** Pulumi's state still has the image. Only a refresh sees that the image must be built again. */
const IMAGE_GONE =
    "  The image was removed from the engine (docker system prune does that). Build it again: npm run setup, then pulumi up --refresh";

async function report(engine: Docker, task: Task): Promise<string[]> {
    const container = task.Status.ContainerStatus?.ContainerID;
    const [lines, probe] = container
        ? await Promise.all([tailOfContainer(engine, container, LOG_LINES), failedProbe(engine, container)])
        : [[], undefined];
    const reason = task.Status.Err ? `: ${task.Status.Err}` : "";
    const health = probe === undefined ? "" : `; its health check failed: ${probe}`;
    return [
        `  task ${task.Slot ?? task.ID} (${task.Status.State}${reason}${health})${lines.length > 0 ? ", its last lines:" : ""}`,
        ...quoted(lines),
    ];
}
