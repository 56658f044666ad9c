/** Commands with a time limit. */
import { execFile } from "node:child_process";
import { NoAnswer } from "../setup/connection";
import { CHECKOUT } from "../local/paths";

export interface Answer {
    /** Undefined if there is no such command, or if it did not end in time. */
    readonly code: number | undefined;
    readonly stdout: string;
    readonly stderr: string;
    /** The last printed line, for a message. */
    readonly last: string;
}

/** Runs a command, and ends it after `limitMs`. */
export function ask(
    command: string,
    args: readonly string[],
    limitMs: number,
    env: NodeJS.ProcessEnv = process.env,
): Promise<Answer> {
    return new Promise((resolve) => {
        const options = { cwd: CHECKOUT, env, timeout: limitMs, killSignal: "SIGKILL" as const };
        execFile(command, args, options, (error, stdout, stderr) => {
            const printed = `${stdout}\n${stderr}`.trim().split("\n").at(-1) ?? "";
            const late = error?.killed === true;
            const last = late ? new NoAnswer(limitMs).message : printed;
            resolve({ code: codeOf(error), stdout: stdout.trim(), stderr: stderr.trim(), last });
        });
    });
}

function codeOf(error: (Error & { code?: unknown }) | null): number | undefined {
    if (error === null) {
        return 0;
    }
    return typeof error.code === "number" ? error.code : undefined;
}
