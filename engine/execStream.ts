import { Duplex, Readable, Transform, TransformCallback, Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";

import type Docker from "dockerode";

/** Characters of standard error that are kept for a message. */
const TAIL = 4000;
const HEADER = 8;
const STDERR = 2;

/** How a command in a container ended. */
export interface ExecEnd {
    exitCode: number;
    /** The last of its standard error. */
    stderr: string;
}

export interface ExecStreams {
    /** Becomes its standard input. */
    input?: Readable;
    /** Gets its standard output, and is ended with it. */
    output?: Writable;
    /** Lets go of the command, whose streams end with that. */
    signal?: AbortSignal;
}

/**
 * Runs a command in a running container, with streams of any length: what is
 * under way is never more than the buffers of the streams.
 *
 * @throws what broke the streams; a command that fails is a result
 */
export async function execStream(
    engine: Docker,
    container: string,
    command: readonly string[],
    { input, output, signal }: ExecStreams = {},
): Promise<ExecEnd> {
    const exec = await engine.getContainer(container).exec({
        Cmd: [...command],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    let stderr = "";
    const demultiplexer = new Demultiplexer((text) => (stderr = (stderr + text).slice(-TAIL)));
    const from = input ?? Readable.from([]);
    const reading = pipeline(stream, demultiplexer, output ?? nowhere(), { signal }).finally(() => {
        // The command has ended: nobody reads what is left of its input.
        stream.destroy();
        from.destroy();
    });
    const [read, written] = await Promise.allSettled([reading, write(from, stream)]);
    if (read.status === "rejected") {
        throw read.reason;
    }
    const { ExitCode } = await exec.inspect();
    const exitCode = ExitCode ?? -1;
    // A command that ended early could not be written to: its own words say why.
    if (written.status === "rejected" && exitCode === 0) {
        throw written.reason;
    }
    return { exitCode, stderr: stderr.trim() };
}

/** What a command writes to standard output, for one that says little. */
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

/** Only the writing side of the stream: the other one goes on until the command has ended. */
async function write(input: Readable, stream: Duplex): Promise<void> {
    input.pipe(stream);
    await Promise.all([finished(input), finished(stream, { readable: false })]);
}

function nowhere(): Writable {
    return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/**
 * Standard output out of the engine's multiplexed stream; standard error goes to `onError`.
 * Source: Engine API, "Attach to a container", stream format: frames of an 8-byte header
 * (stream, three zeros, big-endian length) and that many bytes.
 */
export class Demultiplexer extends Transform {
    private header = Buffer.alloc(0);
    private left = 0;
    private isError = false;

    constructor(private readonly onError: (text: string) => void) {
        super();
    }

    override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
        let rest = chunk;
        while (rest.length > 0) {
            if (this.left === 0) {
                const wanted = HEADER - this.header.length;
                this.header = Buffer.concat([this.header, rest.subarray(0, wanted)]);
                rest = rest.subarray(wanted);
                if (this.header.length === HEADER) {
                    this.isError = this.header[0] === STDERR;
                    this.left = this.header.readUInt32BE(4);
                    this.header = Buffer.alloc(0);
                }
                continue;
            }
            const content = rest.subarray(0, this.left);
            rest = rest.subarray(content.length);
            this.left -= content.length;
            if (this.isError) {
                this.onError(content.toString("utf8"));
            } else {
                this.push(content);
            }
        }
        done();
    }

    override _flush(done: TransformCallback): void {
        const isWhole = this.left === 0 && this.header.length === 0;
        done(isWhole ? null : new Error("the engine's stream ended within a frame"));
    }
}
