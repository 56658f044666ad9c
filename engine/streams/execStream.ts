import { Duplex, Readable, Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";

import type Docker from "dockerode";

import { short } from "../../common/hashes";
import { Demultiplexer } from "./frames";

/** Characters of standard error that are kept for a message. */
const TAIL = 4000;
/** A command that moves no byte for so long is taken to hang. A database's longest silence is shorter. */
const STALL_SECONDS = 1800;

/**
 * Runs the command behind it, then reads the rest of the input. tar and pg_restore end at the end
 * of their archive, before the end of the stream, and input that nobody reads would count as lost.
 */
const TAKE_ALL = ["sh", "-c", '"$@" && exec cat > /dev/null', "sh"];

/** How a command in a container ended. */
export interface ExecEnd {
    exitCode: number;
    /** The last characters of the command's standard error. */
    stderr: string;
}

export interface ExecStreams {
    /** The source of the command's standard input. */
    input?: Readable;
    /** Receives the command's standard output, and ends with it. */
    output?: Writable;
    /** Abandons the command and ends its streams. */
    signal?: AbortSignal;
    /** After this many seconds without a byte in either direction, the command is abandoned. */
    stallSeconds?: number;
}

/** The command, or the engine that should run it, moved no byte for too long. */
export class Stalled extends Error {}

/**
 * Runs a command in a running container, with streams of any length. Memory holds no more
 * than the buffers of the streams.
 *
 * @throws the error that broke the streams; a command that fails is a result
 * @throws Stalled when no byte moves any more
 */
export async function execStream(
    engine: Docker,
    container: string,
    command: readonly string[],
    { stallSeconds = STALL_SECONDS, ...streams }: ExecStreams = {},
): Promise<ExecEnd> {
    const stalled = new AbortController();
    const problem = new Stalled(
        `container ${short(container)}: ${command[0]} neither said nor took anything for ${stallSeconds} s`,
    );
    const timer = setTimeout(() => stalled.abort(problem), stallSeconds * 1000);
    const signals = [stalled.signal, ...(streams.signal === undefined ? [] : [streams.signal])];
    const running = run(engine, container, command, () => timer.refresh(), {
        ...streams,
        signal: AbortSignal.any(signals),
    });
    const silence = new Promise<never>((_, reject) => {
        stalled.signal.addEventListener("abort", () => reject(problem), { once: true });
    });
    try {
        return await Promise.race([running, silence]);
    } finally {
        clearTimeout(timer);
    }
}

async function run(
    engine: Docker,
    container: string,
    command: readonly string[],
    onBytes: () => void,
    { input, output, signal }: Omit<ExecStreams, "stallSeconds">,
): Promise<ExecEnd> {
    const exec = await engine.getContainer(container).exec({
        Cmd: input === undefined ? [...command] : [...TAKE_ALL, ...command],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    let stderr = "";
    const demultiplexer = new Demultiplexer((text) => (stderr = (stderr + text).slice(-TAIL)));
    const from = input ?? Readable.from([]);
    stream.on("data", onBytes);
    from.on("data", onBytes);
    const reading = pipeline(stream, demultiplexer, output ?? nowhere(), { signal }).finally(() => {
        // The command has ended, so nobody reads the rest of its input.
        stream.destroy();
        from.destroy();
    });
    const [read, written] = await Promise.allSettled([reading, write(from, stream)]);
    if (read.status === "rejected") {
        throw read.reason;
    }
    const { ExitCode } = await exec.inspect();
    const exitCode = ExitCode ?? -1;
    // Writing fails if the command ended early. In that case the command's own error says why.
    if (written.status === "rejected" && exitCode === 0) {
        throw written.reason;
    }
    return { exitCode, stderr: stderr.trim() };
}

/** Runs a command that prints little, and returns its standard output as text. */
export async function execText(
    engine: Docker,
    container: string,
    command: readonly string[],
    streams: Omit<ExecStreams, "output"> = {},
): Promise<ExecEnd & { stdout: string }> {
    const chunks: Buffer[] = [];
    const output = new Writable({
        write(chunk: Buffer, _encoding, done) {
            chunks.push(chunk);
            done();
        },
    });
    const end = await execStream(engine, container, command, { ...streams, output });
    return { ...end, stdout: Buffer.concat(chunks).toString("utf8") };
}

/** Waits only for the writing side of the stream. The reading side goes on until the command has ended. */
async function write(input: Readable, stream: Duplex): Promise<void> {
    input.pipe(stream);
    await Promise.all([finished(input), finished(stream, { readable: false })]);
}

function nowhere(): Writable {
    return new Writable({ write: (_chunk, _encoding, done) => done() });
}
