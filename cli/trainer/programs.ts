/** The programs of a check: they run with a time limit, their output is kept, and none outlives the check. */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { signalGroup } from "../local/processes";

/** How a program ended, and what it printed. */
export interface Ended {
    /** As the engine tells it: 128 and the signal's number if a signal ended it. Undefined if its time ran out. */
    readonly code: number | undefined;
    /** The signal that ended it without a handler of its own. */
    readonly signal: NodeJS.Signals | undefined;
    readonly stdout: string;
    readonly stderr: string;
    readonly ms: number;
}

export interface Running {
    readonly ended: Promise<Ended>;
    /** Whether it has ended. */
    readonly isOver: () => boolean;
    /** What it has printed to standard error so far. */
    readonly stderr: () => string;
    readonly signal: (signal: NodeJS.Signals) => void;
}

export interface Place {
    readonly folder: string;
    readonly variables: Readonly<Record<string, string>>;
    /** Milliseconds after which it is killed. */
    readonly limitMs: number;
}

/** All programs of one check. */
export class Programs {
    private readonly children = new Set<ChildProcess>();

    /** Starts a program with these variables and no others. */
    start([command, ...args]: readonly string[], { folder, variables, limitMs }: Place): Running {
        const began = performance.now();
        // Its own process group, so that the programs that it starts end with it.
        const child = spawn(command!, args, {
            cwd: folder,
            env: { ...variables },
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        this.children.add(child);
        const stdout = kept(child.stdout);
        const stderr = kept(child.stderr);
        let isLate = false;
        let isOver = false;
        const timer = setTimeout(() => {
            isLate = true;
            signalGroup(child, "SIGKILL");
        }, limitMs);
        const ended = new Promise<Ended>((resolve, reject) => {
            child.once("error", reject);
            child.once("close", (code, signal) => {
                isOver = true;
                clearTimeout(timer);
                this.children.delete(child);
                resolve({
                    code: isLate ? undefined : (code ?? 128 + constants.signals[signal!]),
                    signal: signal ?? undefined,
                    ...{ stdout: stdout(), stderr: stderr() },
                    ms: performance.now() - began,
                });
            });
        });
        return {
            ended,
            isOver: () => isOver,
            stderr,
            signal: (signal) => {
                if (child.exitCode === null && child.signalCode === null) {
                    child.kill(signal);
                }
            },
        };
    }

    /** Kills all that still run. */
    end(): void {
        this.children.forEach((child) => signalGroup(child, "SIGKILL"));
    }
}

function kept(stream: NodeJS.ReadableStream): () => string {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString("utf8");
}
