import { type Agent, get } from "node:http";

import type Docker from "dockerode";

import {
    DEFAULT_SOCKET,
    type EngineAddress,
    given,
    namedAddress,
    socketAddress,
    usualSockets,
} from "./address";
import { withDeadlines } from "./deadlines";
import { OutputLines } from "./streams/frames";

export const PING_TIMEOUT_MS = 10_000;

/** A client of the stack's engine: `docker:host` of the stack's config, else the engine that every command finds. */
export async function connect(host: string | undefined): Promise<Docker> {
    const named = given(host);
    const { host: where, variables } =
        named === undefined ? await findAddress() : { host: named, variables: {} };
    return clientAt(where, variables);
}

/**
 * The only place that decides where the engine is when no stack names one: the named engine,
 * else the first usual socket behind which an engine answers, else the default socket.
 *
 * @throws a mistake when the docker command's settings name an engine that cannot be used
 */
export async function findAddress(
    timeoutMs = PING_TIMEOUT_MS,
    sockets = usualSockets(),
): Promise<EngineAddress> {
    const named = namedAddress();
    if (named !== undefined) {
        return named;
    }
    // A single socket is chosen even if no engine answers.
    for (const socket of sockets.length > 1 ? sockets : []) {
        if (await isChosen(socket, timeoutMs)) {
            return socketAddress(socket);
        }
    }
    return socketAddress(sockets[0] ?? DEFAULT_SOCKET);
}

/**
 * Whether an engine answers at a socket or refuses this user. After a refusal, no other engine may be taken in silence.
 */
function isChosen(socket: string, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
        const asking = get({ socketPath: socket, path: "/_ping", timeout: timeoutMs }, (answer) => {
            answer.resume();
            resolve(true);
        });
        asking.once("timeout", () => asking.destroy());
        asking.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EACCES"));
    });
}

/** A client of the engine at an address. `variables` say where its certificates are. */
export async function clientAt(host: string, variables: Readonly<Record<string, string>>): Promise<Docker> {
    // The import takes a tenth of a second. A configuration error is shown without it.
    const { default: DockerClient } = await import("dockerode");
    if (host.startsWith("ssh://")) {
        const { sshAgent } = await import("./sshAgent");
        // The types of dockerode leave the agent out.
        const options: Docker.DockerOptions & { agent: Agent } = {
            protocol: "http",
            host: "engine",
            agent: sshAgent(host),
        };
        return withDeadlines(new DockerClient(options));
    }
    return withDeadlines(withVariables({ ...variables, DOCKER_HOST: host }, () => new DockerClient()));
}

/** The client reads an address (unix, tcp with its TLS) only from these variables, and only while it is made. */
function withVariables<T>(variables: Readonly<Record<string, string>>, make: () => T): T {
    const before = Object.keys(variables).map((name): [string, string | undefined] => [
        name,
        process.env[name],
    ]);
    Object.assign(process.env, variables);
    try {
        return make();
    } finally {
        for (const [name, value] of before) {
            if (value === undefined) {
                delete process.env[name];
            } else {
                process.env[name] = value;
            }
        }
    }
}

const NOT_FOUND = 404;
const CONFLICT = 409;

/** Whether the engine answered that the requested thing does not exist. */
export function isNotFound(error: unknown): boolean {
    return statusOf(error) === NOT_FOUND;
}

/** The engine's answer; undefined when the requested thing does not exist. */
export async function existing<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
        return await asked;
    } catch (error) {
        if (isNotFound(error)) {
            return undefined;
        }
        throw error;
    }
}

/** Whether the engine has an image of this name. */
export async function hasImage(engine: Docker, name: string): Promise<boolean> {
    return (await existing(engine.getImage(name).inspect())) !== undefined;
}

/** Whether the engine answered that a request conflicts with something that exists, such as a taken name. */
export function isConflict(error: unknown): boolean {
    return statusOf(error) === CONFLICT;
}

/** The status of the engine's answer, if the error is an answer. */
export function statusOf(error: unknown): unknown {
    return typeof error === "object" && error !== null && "statusCode" in error
        ? error.statusCode
        : undefined;
}

/** Node's codes for a connection that cannot be made, or that ended. Source: https://nodejs.org/api/errors.html */
const DISCONNECTED = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]);

/** Whether an engine, or the swarm behind it, could not be asked just now. */
export function isAway(error: unknown): boolean {
    const { code } = error as NodeJS.ErrnoException;
    return Number(statusOf(error)) >= 500 || (code !== undefined && DISCONNECTED.has(code));
}

/** Whether a container with this name was made with this command. */
export async function isCalled(engine: Docker, name: string, command: readonly string[]): Promise<boolean> {
    const container = await existing(engine.getContainer(name).inspect());
    return container !== undefined && JSON.stringify(container.Config.Cmd) === JSON.stringify(command);
}

/** The last lines of a container's output, both streams, or the reason why there are none. */
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
        // While a container is being removed, the engine answers with a conflict.
        if (isNotFound(error) || isConflict(error)) {
            return ["(its container is gone, and its output with it)"];
        }
        throw error;
    }
}

/**
 * The output of a failed health probe of a container; undefined when the last probe did not fail, or the container is
 * gone. The first of the kept failures is taken: later probes may have met a container that was already being stopped.
 */
export async function failedProbe(engine: Docker, id: string): Promise<string | undefined> {
    const Health = (await existing(engine.getContainer(id).inspect()))?.State.Health;
    // The status does not help: the engine calls each ended container unhealthy.
    const failed = Health?.FailingStreak ? Health.Log.find(({ ExitCode }) => ExitCode !== 0) : undefined;
    return failed && (failed.Output.trim() || `exit code ${failed.ExitCode}`);
}
