import { Transform, TransformCallback } from "node:stream";
import { StringDecoder } from "node:string_decoder";

const HEADER = 8;
const STDERR = 2;

/** Receives the content of a stream, piece by piece. */
type OnContent = (content: Buffer, isError: boolean) => void;

/**
 * Reads the engine's multiplexed stream, which may be cut into chunks anywhere. A frame has a header
 * of 8 bytes (stream, three zeros, big-endian length) and then as many bytes as the length says.
 * Source: Engine API, "Attach to a container", stream format.
 */
class FrameReader {
    private header = Buffer.alloc(0);
    private left = 0;
    private isError = false;

    constructor(private readonly onContent: OnContent) {}

    write(chunk: Buffer): void {
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
            this.onContent(content, this.isError);
        }
    }

    /** @throws when the stream broke off within a frame */
    end(): void {
        if (this.left > 0 || this.header.length > 0) {
            throw new Error("the engine's stream ended within a frame");
        }
    }
}

/** Passes on standard output from the engine's multiplexed stream. The text of standard error goes to `onError`. */
export class Demultiplexer extends Transform {
    private readonly errors = new StringDecoder("utf8");
    private readonly frames: FrameReader;

    constructor(onError: (text: string) => void) {
        super();
        this.frames = new FrameReader((content, isError) => {
            if (isError) {
                onError(this.errors.write(content));
            } else {
                this.push(content);
            }
        });
    }

    override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
        this.frames.write(chunk);
        done();
    }

    override _flush(done: TransformCallback): void {
        try {
            this.frames.end();
            done();
        } catch (error) {
            done(error as Error);
        }
    }
}

/**
 * Both streams of a complete multiplexed output, each as one text.
 *
 * @throws when the output broke off within a frame
 */
export function demultiplex(raw: Buffer): { stdout: string; stderr: string } {
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    const frames = new FrameReader((content, isError) => (isError ? stderr : stdout).push(content));
    frames.write(raw);
    frames.end();
    return { stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") };
}

/**
 * Makes lines out of bytes that may be cut anywhere, even within a character. `end` passes
 * on a last line that has no line feed.
 */
export class LineReader {
    private readonly decoder = new StringDecoder("utf8");
    private rest = "";

    /** @param longest characters after which a line that has not ended is passed on as a line */
    constructor(
        private readonly onLine: (line: string) => void,
        private readonly longest = Infinity,
    ) {}

    write(bytes: Buffer): void {
        const lines = (this.rest + this.decoder.write(bytes)).split("\n");
        this.rest = lines.pop()!;
        for (const line of lines) {
            this.onLine(line);
        }
        if (this.rest.length > this.longest) {
            this.onLine(this.rest);
            this.rest = "";
        }
    }

    end(): void {
        const last = this.rest + this.decoder.end();
        this.rest = "";
        if (last !== "") {
            this.onLine(last);
        }
    }
}

/** The lines of a multiplexed output in the order in which they end. Each line comes from one stream. */
export class OutputLines {
    private readonly readers: readonly [LineReader, LineReader];
    private readonly frames: FrameReader;

    /** @param longest as of LineReader */
    constructor(onLine: (line: string) => void, longest?: number) {
        this.readers = [new LineReader(onLine, longest), new LineReader(onLine, longest)];
        this.frames = new FrameReader((content, isError) => this.readers[isError ? 1 : 0].write(content));
    }

    write(chunk: Buffer): void {
        this.frames.write(chunk);
    }

    end(): void {
        this.readers.forEach((reader) => reader.end());
    }
}

/** Follows a container's output to its end. A broken connection counts as the end. */
export async function followLines(
    stream: NodeJS.ReadableStream,
    onLine: (line: string) => void,
): Promise<void> {
    const lines = new OutputLines(onLine);
    stream.on("data", (chunk: Buffer) => lines.write(chunk));
    await new Promise<void>((resolve) => {
        stream
            .once("end", resolve)
            .once("close", resolve)
            .once("error", () => resolve());
    });
    lines.end();
}
