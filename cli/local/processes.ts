/** Child processes. Their output is followed, or they get the terminal. */
import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { mistake } from "../../common/mistake";
import { filesBelow } from "./paths";
import { type Report } from "../terminal/steps";
import { interruption } from "./together";

/** The number of last lines that a failure shows. */
const LAST_LINES = 20;
/** A download that has not grown for this time will not grow any more. */
export const DOWNLOAD_STALL_MS = 20_000;

export interface RunOptions {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Takes each line of output while the command runs. */
    readonly report?: Report;
    /** Ends the command and its children when no file below `folder` grows for `ms`. */
    readonly stall?: { readonly folder: string; readonly ms: number };
}

export interface RunResult {
    readonly code: number;
    readonly stdout: string;
    /** The last lines of both outputs, for a message. */
    readonly tail: string;
}

/** Runs a command to its end; a failure is a result, not an exception. */
export async function run(
    command: string,
    args: readonly string[],
    options: RunOptions = {},
): Promise<RunResult> {
    const interrupted = interruption();
    interrupted?.throwIfAborted();
    const child = spawn(command, args, {
        cwd: options.cwd,
        env: options.env ?? process.env,
        stdio: ["ignore", "pipe", "pipe"],
        // The command gets its own process group, so that its children end with it when a download stalls.
        detached: options.stall !== undefined,
    });
    const stopWatching = options.stall === undefined ? undefined : endWhenStalled(child, options.stall);
    const interrupt = (): void => end(child, options.stall !== undefined, "SIGINT");
    interrupted?.addEventListener("abort", interrupt);
    const stdout: string[] = [];
    const tail: string[] = [];
    const follow = (stream: NodeJS.ReadableStream, keep: boolean): void => {
        createInterface({ input: stream }).on("line", (line) => {
            options.report?.(line);
            if (keep) {
                stdout.push(line);
            }
            tail.push(line);
            if (tail.length > LAST_LINES) {
                tail.shift();
            }
        });
    };
    follow(child.stdout, true);
    follow(child.stderr, false);
    const code = await exitCode(child);
    stopWatching?.();
    interrupted?.removeEventListener("abort", interrupt);
    return { code, stdout: stdout.join("\n"), tail: tail.join("\n") };
}

/** Runs a command that must succeed. `remedy` tells a person what to do when it fails. */
export async function mustRun(
    command: string,
    args: readonly string[],
    options: RunOptions & { readonly remedy: string },
): Promise<RunResult> {
    const result = await run(command, args, options);
    if (result.code === 0) {
        return result;
    }
    const called = [command, ...args].join(" ");
    throw mistake(`${called}: exit code ${result.code}\n${result.tail}\n${options.remedy}`);
}

/** Runs a command on this terminal. The command handles Ctrl-C itself. */
export async function runOnTerminal(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    cwd?: string,
): Promise<number> {
    const child = spawn(command, args, { cwd, env, stdio: "inherit" });
    const wait = (): void => undefined;
    process.on("SIGINT", wait);
    try {
        return await exitCode(child);
    } finally {
        process.off("SIGINT", wait);
    }
}

/** Each executable of this name on PATH, in order. */
export function allOnPath(name: string, path = process.env.PATH ?? ""): string[] {
    return path
        .split(delimiter)
        .filter((folder) => folder !== "")
        .map((folder) => join(folder, name))
        .filter(isExecutable);
}

export function isExecutable(file: string): boolean {
    if (!existsSync(file) || !statSync(file).isFile()) {
        return false;
    }
    try {
        accessSync(file, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

function exitCode(child: ChildProcess): Promise<number> {
    const NOT_FOUND = 127;
    const KILLED = 137;
    return new Promise((resolve, reject) => {
        child.once("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "ENOENT") {
                resolve(NOT_FOUND);
            } else {
                reject(error);
            }
        });
        child.once("close", (code) => resolve(code ?? KILLED));
    });
}

function end(child: ChildProcess, withGroup: boolean, signal: NodeJS.Signals): void {
    if (child.pid === undefined || child.exitCode !== null) {
        return;
    }
    process.kill(withGroup ? -child.pid : child.pid, signal);
}

/** @returns a function that ends the watch */
function endWhenStalled(child: ChildProcess, stall: { folder: string; ms: number }): () => void {
    const CHECK_MS = 1000;
    let size = -1;
    let changed = Date.now();
    const timer = setInterval(() => {
        const now = sizeOf(stall.folder);
        if (now !== size) {
            size = now;
            changed = Date.now();
        } else if (Date.now() - changed > stall.ms) {
            end(child, true, "SIGKILL");
        }
    }, CHECK_MS);
    // The terminal's Ctrl-C does not reach the command's process group.
    const interrupted = (): void => {
        end(child, true, "SIGKILL");
        process.exit(130);
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    return () => {
        clearInterval(timer);
        process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    };
}

function sizeOf(folder: string): number {
    return filesBelow(folder).reduce(
        (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
        0,
    );
}

/** Sends a signal to a process group, by the process that leads it. A group that has ended already is no error. */
export function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
    try {
        process.kill(-pid!, signal);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
            throw error;
        }
    }
}
