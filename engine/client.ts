import type { Agent } from "node:http";

import type Docker from "dockerode";

import { OutputLines } from "./streams";

/**
 * A client of the stack's engine: `docker:host` of the stack's config, else
 * DOCKER_HOST, else the local socket; the provider looks in the same places.
 */
export async function connect(host: string | undefined): Promise<Docker> {
    // Loaded here: a tenth of a second that a configuration error need not wait for.
    const { default: DockerClient } = await import("dockerode");
    const where = host ?? process.env.DOCKER_HOST;
    if (where?.startsWith("ssh://")) {
        const { sshAgent } = await import("./sshAgent");
        // Its types leave the agent out.
        const options: Docker.DockerOptions & { agent: Agent } = {
            protocol: "http",
            host: "engine",
            agent: sshAgent(where),
        };
        return new DockerClient(options);
    }
    return withHost(where, () => new DockerClient());
}

/** The client parses an address (unix, tcp with its TLS) from this variable only, as it is made. */
function withHost<T>(host: string | undefined, make: () => T): T {
    const before = process.env.DOCKER_HOST;
    if (host === undefined || host === before) {
        return make();
    }
    process.env.DOCKER_HOST = host;
    try {
        return make();
    } finally {
        if (before === undefined) {
            delete process.env.DOCKER_HOST;
        } else {
            process.env.DOCKER_HOST = before;
        }
    }
}

const NOT_FOUND = 404;
const CONFLICT = 409;

/** Whether the engine answered that the thing asked for does not exist. */
export function isNotFound(error: unknown): boolean {
    return statusOf(error) === NOT_FOUND;
}

/** Whether the engine answered that what is asked for stands against what there is: a name that is taken. */
export function isConflict(error: unknown): boolean {
    return statusOf(error) === CONFLICT;
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
        const found: string[] = [];
        const output = new OutputLines((line) => found.push(line));
        output.write(raw);
        output.end();
        return found.filter((line) => line.trim() !== "");
    } catch (error) {
        // A container that is being removed is a conflict.
        if (isNotFound(error) || isConflict(error)) {
            return ["(its container is gone, and its output with it)"];
        }
        throw error;
    }
}

/**
 * What a failing probe of a container's health said; undefined when the last one
 * did not fail, or the container is gone. Of those that are kept, the first: the
 * last ones may have met a container that was being stopped for them.
 */
export async function failedProbe(engine: Docker, id: string): Promise<string | undefined> {
    try {
        const { Health } = (await engine.getContainer(id).inspect()).State;
        // Not by its status: the engine calls each container unhealthy that has ended.
        const failed = Health?.FailingStreak ? Health.Log.find(({ ExitCode }) => ExitCode !== 0) : undefined;
        return failed && (failed.Output.trim() || `exit code ${failed.ExitCode}`);
    } catch (error) {
        if (isNotFound(error)) {
            return undefined;
        }
        throw error;
    }
}
