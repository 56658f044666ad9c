import type Docker from "dockerode";

/**
 * A client of the stack's engine: `docker:host` of the stack's config, else
 * DOCKER_HOST, else the local socket; the provider looks in the same places.
 */
export async function connect(host: string | undefined): Promise<Docker> {
    // Loaded here: a tenth of a second that a configuration error need not wait for.
    const { default: DockerClient } = await import("dockerode");
    if (host !== undefined) {
        // The client parses every form of address (unix, tcp, ssh) from this variable only.
        process.env.DOCKER_HOST = host;
    }
    return new DockerClient();
}

const NOT_FOUND = 404;
const CONFLICT = 409;

/** Whether the engine answered that the thing asked for does not exist. */
export function isNotFound(error: unknown): boolean {
    return statusOf(error) === NOT_FOUND;
}

function statusOf(error: unknown): unknown {
    return typeof error === "object" && error !== null && "statusCode" in error
        ? error.statusCode
        : undefined;
}

/** The last lines of a container's output, both streams, or why there are none. */
export async function tailOfContainer(engine: Docker, id: string, lines: number): Promise<string[]> {
    try {
        const raw = await engine
            .getContainer(id)
            .logs({ follow: false, stdout: true, stderr: true, tail: lines });
        return demultiplex(raw)
            .flatMap((frame) => frame.split("\n"))
            .filter((line) => line.trim() !== "");
    } catch (error) {
        // A container that is being removed is a conflict.
        if (isNotFound(error) || statusOf(error) === CONFLICT) {
            return ["(its container is gone, and its output with it)"];
        }
        throw error;
    }
}

/**
 * The texts of the engine's multiplexed stream: frames of an 8-byte header
 * (stream, three zeros, big-endian length) and that many bytes.
 * Source: Engine API, "Attach to a container", stream format.
 */
export function demultiplex(raw: Buffer): string[] {
    const HEADER = 8;
    const frames: string[] = [];
    for (let at = 0; at + HEADER <= raw.length;) {
        const length = raw.readUInt32BE(at + 4);
        frames.push(raw.toString("utf8", at + HEADER, at + HEADER + length));
        at += HEADER + length;
    }
    return frames;
}
