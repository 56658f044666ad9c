import type Docker from "dockerode";

import { isConflict, isNotFound } from "../client";
import { OutputLines } from "../streams/frames";

/** Characters of a line. A longer line is cut, so that a program that ends no line takes no memory. */
const LONGEST = 65_536;
/** The engine writes its time before each line: "2026-01-31T16:34:00.123456789Z text". */
const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z ([^]*)$/;

/** A line of a container's output. */
export interface LogLine {
    /** When the engine read it, in nanoseconds since the epoch, by the engine's clock. */
    readonly at: bigint;
    readonly text: string;
}

/** The part of a container's output that is read. Without bounds, it is everything that the engine has. */
export interface LogRange {
    /** The first and the last time, in nanoseconds since the epoch, by the engine's clock. */
    readonly since?: bigint | undefined;
    readonly until?: bigint | undefined;
    /** Goes on until the container ends. */
    readonly follow?: boolean;
    readonly signal?: AbortSignal | undefined;
}

/**
 * The lines of a container's output, both streams, as they come. A container that is gone has no lines. A connection
 * that breaks counts as the end.
 *
 * @throws AbortError when the signal ends the reading
 */
export async function* containerLines(
    engine: Docker,
    id: string,
    range: LogRange = {},
): AsyncGenerator<LogLine, void> {
    const found: LogLine[] = [];
    let at = 0n;
    const output = new OutputLines((line) => {
        const [, seconds, nanos, text] = STAMPED.exec(line) ?? [];
        // Only the first part of a line that was cut has a time.
        at = seconds === undefined ? at : nanoseconds(Date.parse(`${seconds}Z`)) + BigInt(nanos!);
        found.push({ at, text: text ?? line });
    }, LONGEST);
    const stream = await open(engine, id, range);
    if (stream === undefined) {
        return;
    }
    try {
        for await (const chunk of stream) {
            output.write(chunk as Buffer);
            yield* found.splice(0);
        }
    } catch {
        range.signal?.throwIfAborted();
    }
    output.end();
    yield* found;
}

/** Nanoseconds of a time in milliseconds. */
export function nanoseconds(ms: number): bigint {
    return BigInt(Math.round(ms)) * 1_000_000n;
}

/** Opens the output. The client's own function would read all of it into memory, unless it follows. */
function open(
    engine: Docker,
    id: string,
    { since, until, follow = false, signal }: LogRange,
): Promise<NodeJS.ReadableStream | undefined> {
    const options = {
        ...{ stdout: true, stderr: true, timestamps: true, follow },
        ...(since === undefined ? {} : { since: engineTime(since) }),
        ...(until === undefined ? {} : { until: engineTime(until) }),
    };
    return new Promise((resolve, reject) => {
        engine.modem.dial(
            {
                path: `/containers/${id}/logs?`,
                method: "GET",
                isStream: true,
                statusCodes: { 200: true, 404: "no such container", 409: "is being removed" },
                options,
                ...(signal === undefined ? {} : { abortSignal: signal }),
            },
            (error, stream) => {
                if (error === null || error === undefined) {
                    resolve(stream as NodeJS.ReadableStream);
                } else if (isNotFound(error) || isConflict(error)) {
                    resolve(undefined);
                } else {
                    reject(error);
                }
            },
        );
    });
}

/** Seconds with nine decimals. Source: Engine API, "Get container logs", since. */
function engineTime(at: bigint): string {
    const digits = at.toString().padStart(10, "0");
    return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
