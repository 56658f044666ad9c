import { setImmediate } from "node:timers/promises";

import type Docker from "dockerode";

import { followRollout, type Rollout } from "../../../engine/rollout/rollout";
import type { Time } from "../../../common/time";

export interface FakeTask {
    spec: string;
    state: string;
    secondsAgo: number;
    /** If the task changes at each moment, its place in the list identifies it. */
    id?: string;
    /** The reason for its state. */
    error?: string;
    reserves?: { MemoryBytes?: number; NanoCPUs?: number };
    /** The seconds until it ran. */
    took?: number;
    desired?: string;
    /** The node's id: "n", or "m" on the host host-m. */
    node?: string;
    image?: string;
}

let passed = 0;

/** A clock that moves only when somebody sleeps, and then at once. */
export const time: Time = {
    now: () => passed,
    sleep: async (ms) => {
        passed += ms;
        // Give others their turn, for example the limit of a test.
        await setImmediate();
    },
};

const BEGIN = Date.parse("2026-01-01T00:00:00Z");

/** An engine with this service and these tasks. Each look at the service moves to the next moment. */
export function engine(
    moments: { update?: string; spec: string; replicas?: number; tasks: FakeTask[] }[],
    health?: { FailingStreak: number; Log: { ExitCode: number; Output: string }[] },
    skewMs = 0,
): Docker {
    let at = -1;
    const clock = () => BEGIN + time.now() + skewMs;
    const now = () => moments[Math.min(at, moments.length - 1)]!;
    const env = (spec: string) => ({
        ContainerSpec: { Env: [`DEPLOYMENT=${spec}@4`] },
    });
    return {
        info: () => Promise.resolve({ SystemTime: new Date(clock()).toISOString(), Swarm: { NodeID: "n" } }),
        listNodes: () =>
            Promise.resolve(
                ["n", "m"].map((id) => ({
                    ID: id,
                    // The second one takes no tasks any more.
                    Spec: { Availability: id === "n" ? "active" : "drain" },
                    Status: { State: "ready" },
                    Description: {
                        Hostname: `host-${id}`,
                        Resources: { NanoCPUs: 2e9, MemoryBytes: 8 * GIB },
                    },
                })),
            ),
        listServices: () =>
            Promise.resolve([{ ID: "s", Spec: { Mode: { Replicated: { Replicas: now().replicas ?? 1 } } } }]),
        getService: () => ({
            inspect: () => {
                at += 1;
                const { update, spec, replicas = 1 } = now();
                return Promise.resolve({
                    Spec: { TaskTemplate: env(spec), Mode: { Replicated: { Replicas: replicas } } },
                    PreviousSpec: {},
                    Version: { Index: 1 },
                    UpdateStatus: update && { State: update, StartedAt: "2026-01-01T00:00:00Z" },
                });
            },
            update: () => Promise.resolve({}),
        }),
        listTasks: () =>
            Promise.resolve(
                now().tasks.map(
                    (
                        { id, spec, state, secondsAgo, took, desired, error, reserves, node, image },
                        index,
                    ) => ({
                        ID: id ?? `t${index}`,
                        ServiceID: "s",
                        NodeID: state === "pending" ? undefined : (node ?? "n"),
                        Slot: index + 1,
                        DesiredState: desired ?? "running",
                        CreatedAt: new Date(clock() - (secondsAgo + (took ?? 1)) * 1000).toISOString(),
                        UpdatedAt: new Date(clock() - secondsAgo * 1000).toISOString(),
                        Spec: {
                            ContainerSpec: { ...env(spec).ContainerSpec, Image: image },
                            Resources: { Reservations: reserves },
                        },
                        Status: {
                            State: state,
                            Err: error ?? (state === "failed" ? "non-zero exit (1)" : undefined),
                            ContainerStatus: state === "pending" ? undefined : { ContainerID: "c" },
                        },
                    }),
                ),
            ),
        getContainer: () => ({
            inspect: () => Promise.resolve({ State: { Health: health } }),
            logs: () => {
                const text = Buffer.from("no model\n");
                const header = Buffer.alloc(8);
                header.writeUInt32BE(text.length, 4);
                return Promise.resolve(Buffer.concat([header, text]));
            },
        }),
    } as unknown as Docker;
}

export const GIB = 2 ** 30;

export const wanted: Rollout = {
    name: "web",
    serviceId: "s",
    identity: "new@4",
    replicas: 1,
    monitorSeconds: 15,
    settleSeconds: 5,
    timeoutSeconds: 1,
};
/** The end of following a deployment: its error's message, or "proven". */
export const outcome = (docker: Docker, rollout = wanted) =>
    followRollout(docker, rollout, undefined, time).then(
        () => "proven",
        (error: Error) => error.message,
    );

/** A task of the declared spec that has run long enough. */
export const proven: FakeTask = { spec: "new", state: "running", secondsAgo: 20 };
