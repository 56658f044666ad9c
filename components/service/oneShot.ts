import type * as pulumi from "@pulumi/pulumi";

import { PROGRESS_PREFIX } from "../../contract/names";
import { failureOf } from "../../common/failures";
import { quoted } from "../../common/mistake";

const LOG_LINES = 20;
/** 128 + SIGKILL: the engine kills a container beyond its memory, or somebody ended it by force. */
const KILLED = 137;

/**
 * Checks the exit code of a one-shot container, because the provider takes any exit code for a success.
 *
 * @throws a failure of the resource with the exit code and the last lines of its log
 */
export function finished(
    what: string,
    exitCode: number | undefined,
    log: string | undefined,
    on: pulumi.Resource,
    why?: string,
): void {
    if (exitCode !== 0) {
        throw failed(why ?? `${what} failed: exit code ${exitCode ?? "unknown"}${hint(exitCode)}`, log, on);
    }
}

/** An error on a resource that shows the last lines of a log. */
export function failed(message: string, log: string | undefined, on: pulumi.Resource): Error {
    const lines = logLines(log).slice(-LOG_LINES);
    const tail = lines.length > 0 ? quoted(lines) : ["  (it printed nothing)"];
    return failureOf(on, [`${message}; its last lines:`, ...tail].join("\n"));
}

/** The lines of a log that are for people: without blank lines and progress reports. */
export function logLines(log: string | undefined): string[] {
    return (log ?? "").split("\n").filter((line) => line.trim() !== "" && !line.startsWith(PROGRESS_PREFIX));
}

function hint(exitCode: number | undefined): string {
    return exitCode === KILLED ? " (killed: out of memory, or by force)" : "";
}
