import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type Docker from "dockerode";

import { PROGRESS_PREFIX, type ProgressField } from "../../contract/names";
import { isNotFound } from "../client";
import { followLines } from "../streams/frames";

/** The label that identifies one attempt at training. */
export const TOKEN_LABEL = "seismic.training.token";
/** The label that identifies the ingredients of a training run: code, data and parameters. */
export const TRIGGER_LABEL = "seismic.training.trigger";

const POLL_MS = 500;
const STOP_GRACE_SECONDS = 10;

/** The containers that a filter of labels selects, newest first. Ended containers are included. */
async function containers(
    engine: Docker,
    selector: string[],
    status: string[] = [],
): Promise<Docker.ContainerInfo[]> {
    const filters = { label: selector, ...(status.length > 0 ? { status } : {}) };
    const found = await engine.listContainers({ all: true, filters });
    return found.sort((a, b) => b.Created - a.Created);
}

/** The newest training run of a stack, as far as the engine knows it. */
export interface LastRun {
    trigger: string | undefined;
    token: string | undefined;
    succeeded: boolean;
    /** The variables of the run's container. */
    variables: Map<string, string>;
}

/** The newest training run that the engine still has, by the labels of its stack and role. */
export async function lastRun(engine: Docker, selector: string[]): Promise<LastRun | undefined> {
    const [newest] = await containers(engine, selector);
    if (newest === undefined) {
        return undefined;
    }
    const { State, Config } = await engine.getContainer(newest.Id).inspect();
    return {
        trigger: newest.Labels[TRIGGER_LABEL],
        token: newest.Labels[TOKEN_LABEL],
        succeeded: State.Status === "exited" && State.ExitCode === 0,
        variables: new Map(
            Config.Env.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
        ),
    };
}

/**
 * Ends training runs that an interrupted `up` left. No other run can exist: the stack's
 * lock admits one update at a time.
 */
export async function endRunning(engine: Docker, selector: string[]): Promise<void> {
    const running = await containers(engine, selector, ["created", "running", "paused"]);
    for (const { Id } of running) {
        await remove(engine, Id);
    }
}

/** Removes the stack's other training containers, which interrupted updates left. */
export async function removeOthers(engine: Docker, selector: string[], keep: string): Promise<void> {
    const found = await containers(engine, selector);
    for (const { Id } of found.filter((container) => container.Id !== keep)) {
        await remove(engine, Id);
    }
}

async function remove(engine: Docker, id: string): Promise<void> {
    try {
        await engine.getContainer(id).remove({ force: true, v: true });
    } catch (error) {
        if (!isNotFound(error)) {
            throw error;
        }
    }
}

/** A trainer's report of its progress: contract/trainer.schema.json. It is only shown, so a stage may have any name. */
type Progress = Partial<Record<ProgressField, string | number>>;

/** A trainer's progress line as text for people; undefined for any other line. */
export function progressText(line: string): string | undefined {
    if (!line.startsWith(PROGRESS_PREFIX)) {
        return undefined;
    }
    try {
        const { stage, done, total, note } = JSON.parse(line.slice(PROGRESS_PREFIX.length)) as Progress;
        const count = done !== undefined && total !== undefined ? ` ${done} of ${total}` : "";
        return `${stage}${count}${note ? ` (${note})` : ""}`;
    } catch {
        return undefined;
    }
}

/** Follows one training container while it runs. */
export class TrainingFollower {
    /** Whether the run was stopped because it took too long. */
    timedOut = false;
    private ended = false;
    private deadline: NodeJS.Timeout | undefined;

    constructor(
        private readonly engine: Docker,
        private readonly token: string,
        private readonly timeoutSeconds: number,
        private readonly onProgress: (text: string) => void,
    ) {}

    /**
     * Waits for the container to appear, reports its progress, and stops it when its time is up. Ends
     * when the run is over. If the engine does not answer a question, the question is asked again.
     */
    async follow(): Promise<void> {
        const id = await this.appear();
        if (id === undefined) {
            return;
        }
        const container = this.engine.getContainer(id);
        this.deadline = setTimeout(() => {
            this.timedOut = true;
            void this.insist(() => container.stop({ t: STOP_GRACE_SECONDS }));
        }, this.timeoutSeconds * 1000);
        this.deadline.unref();
        await this.insist(async () => {
            const log = (await container.logs({
                follow: true,
                stdout: false,
                stderr: true,
            })) as NodeJS.ReadableStream & { socket?: Socket };
            // The log of a trainer that says nothing must not keep a program alive whose Pulumi was killed.
            log.socket?.unref();
            await followLines(log, (line) => this.pass(line));
            if (!this.ended && (await container.inspect()).State.Running) {
                throw new Error("its output broke off");
            }
        });
    }

    /** Says that the run is over, so that all waiting ends. */
    end(): void {
        this.ended = true;
        clearTimeout(this.deadline);
    }

    private async appear(): Promise<string | undefined> {
        // Only running containers count: the log of a container that has not started ends at once.
        const look = () => containers(this.engine, [`${TOKEN_LABEL}=${this.token}`], ["running"]);
        while (!this.ended) {
            const [found] = (await this.insist(look)) ?? [];
            if (found !== undefined) {
                return found.Id;
            }
            await pause();
        }
        return undefined;
    }

    /** Asks the engine until it answers; undefined once the run is over or its container is gone. */
    private async insist<T>(ask: () => Promise<T>): Promise<T | undefined> {
        while (!this.ended) {
            try {
                return await ask();
            } catch (error) {
                if (isNotFound(error)) {
                    return undefined;
                }
                this.onProgress(`the engine does not tell how far it is: ${String(error)}`);
                await pause();
            }
        }
        return undefined;
    }

    private pass(line: string): void {
        const text = progressText(line);
        if (text !== undefined) {
            this.onProgress(text);
        }
    }
}

/** The timer is unreferenced, so that it does not keep a program alive that has nothing else to do. */
function pause(): Promise<void> {
    return sleep(POLL_MS, undefined, { ref: false });
}
