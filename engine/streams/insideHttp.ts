import { Readable } from "node:stream";

import type Docker from "dockerode";

import { short } from "../../common/hashes";
import { execText, Stalled } from "./execStream";

/** Seconds that a request may take, including the connection. */
const TIMEOUT_SECONDS = 30;
/** Further seconds that a busy engine may take to start the command and to report its end. */
const MARGIN_SECONDS = 30;

export interface InsideRequest {
    method?: "GET" | "POST" | "PATCH" | "DELETE";
    url: string;
    /** Sent as JSON. */
    json?: unknown;
    credentials?: { username: string; password: string };
    /** Whether a certificate must be for the name in the address. People reach the gateway by another name. */
    ownName?: boolean;
    /** Seconds within which the answer must come. */
    seconds?: number;
}

export interface InsideResponse {
    status: number;
    body: string;
}

/** No answer came. The message is curl's. */
export class NoAnswer extends Error {}

/** The answer; undefined when none came. */
export async function orNoAnswer<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
    try {
        return await asked;
    } catch (error) {
        if (error instanceof NoAnswer) {
            return undefined;
        }
        throw error;
    }
}

/** Sends requests to a stack's services, or to programs that stand for them. */
export interface Sender {
    /** @throws NoAnswer when the other side does not answer in time */
    request(request: InsideRequest): Promise<InsideResponse>;
}

/**
 * Sends HTTP requests from inside an environment's network, by curl in one of its containers. So the program reaches
 * services that are not published, wherever the engine is, over the one connection that Pulumi has to the engine.
 */
export class InsideHttp implements Sender {
    constructor(
        private readonly engine: Docker,
        /** The running container that sends. Its image must have curl. */
        private readonly container: string,
    ) {}

    /** @throws NoAnswer when the other side does not answer in time, or the container has ended */
    async request({
        method = "GET",
        url,
        json,
        credentials,
        ownName = true,
        seconds = TIMEOUT_SECONDS,
    }: InsideRequest): Promise<InsideResponse> {
        // Everything goes by standard input, because any user of the machine can list arguments.
        const config = [
            "silent",
            "show-error",
            ...(ownName ? [] : ["insecure"]),
            `max-time = ${seconds}`,
            `request = ${method}`,
            `url = ${quote(url)}`,
            `write-out = ${quote("\n%{http_code}")}`,
            ...(credentials ? [`user = ${quote(`${credentials.username}:${credentials.password}`)}`] : []),
            ...(json === undefined
                ? []
                : [`header = "content-type: application/json"`, `data-raw = ${quote(JSON.stringify(json))}`]),
            "",
        ].join("\n");
        const { exitCode, stdout, stderr } = await execWithInput(
            this.engine,
            this.container,
            ["curl", "--config", "-"],
            config,
        );
        if (exitCode !== 0) {
            throw new NoAnswer(`${method} ${url}: ${stderr.trim() || `curl's exit code is ${exitCode}`}`);
        }
        const end = stdout.lastIndexOf("\n");
        return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
    }

    /** The answer; undefined when there is none. */
    tryRequest(request: InsideRequest): Promise<InsideResponse | undefined> {
        return orNoAnswer(this.request(request));
    }

    /** The addresses of a name on the container's network; none when nothing there has the name. */
    async addresses(name: string): Promise<string[]> {
        const { stdout } = await execWithInput(this.engine, this.container, ["getent", "ahostsv4", name], "");
        return [
            ...new Set(stdout.split("\n").flatMap((line) => line.split(/\s+/, 1).filter(Boolean))),
        ].sort();
    }
}

/** The running container of a stack's role; undefined when none runs on this engine. */
export async function runningContainer(engine: Docker, labels: string[]): Promise<string | undefined> {
    const [found] = await engine.listContainers({ filters: { label: labels, status: ["running"] } });
    return found?.Id;
}

async function execWithInput(
    engine: Docker,
    container: string,
    command: string[],
    input: string,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    try {
        const stallSeconds = TIMEOUT_SECONDS + MARGIN_SECONDS;
        return await execText(engine, container, command, { input: Readable.from([input]), stallSeconds });
    } catch (error) {
        throw new NoAnswer(
            error instanceof Stalled ? error.message : `container ${short(container)}: ${String(error)}`,
        );
    }
}

/** A word of curl's config files: https://curl.se/docs/manpage.html#-K */
function quote(text: string): string {
    const escaped = text
        .replaceAll("\\", "\\\\")
        .replaceAll('"', '\\"')
        .replaceAll("\n", "\\n")
        .replaceAll("\r", "\\r")
        .replaceAll("\t", "\\t");
    return `"${escaped}"`;
}
