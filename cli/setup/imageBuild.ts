/** Image builds and pulls over the Engine API, with their output followed. */
import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { proxyArguments } from "../../engine/proxies";
import { followProgress } from "../../engine/streams/progress";
import { TRACE_ID, type TraceReader, traceReader } from "./buildkit";
import { messageOf, type Report, step } from "../terminal/steps";

const LAST_LINES = 20;

export interface Build {
    readonly tag: string;
    /** The folder with the Dockerfile and .dockerignore. It is the build context. */
    readonly context: string;
    readonly target?: string;
    readonly buildArgs?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    /** Whether each step runs again, even if the cache has its result. */
    readonly anew?: boolean;
}

interface Progress {
    readonly id?: string;
    readonly aux?: unknown;
    readonly stream?: string;
    readonly status?: string;
    readonly progress?: string;
    readonly error?: string;
}

/** Builds with BuildKit by the Engine API, so no other client is needed. */
export async function buildImage(docker: Docker, build: Build, report: Report): Promise<void> {
    const output = await docker.buildImage(
        { context: build.context, src: ["."] },
        {
            version: "2",
            t: build.tag,
            target: build.target,
            buildargs: { ...proxyArguments(), ...build.buildArgs },
            labels: { ...build.labels },
            nocache: build.anew ?? false,
        },
    );
    await followed(docker, output, `${build.tag}: the image build failed`, report);
}

/** Follows a stream of progress to its end. An error in the stream throws, with the last lines before it. */
export async function followed(
    docker: Docker,
    stream: NodeJS.ReadableStream,
    failure: string,
    report: Report,
): Promise<void> {
    const readTrace = await traceReader();
    const tail: string[] = [];
    const onProgress = (event: Progress): void => {
        for (const line of linesOf(event, readTrace)) {
            report(line);
            tail.push(line);
            if (tail.length > LAST_LINES) {
                tail.shift();
            }
        }
    };
    try {
        await followProgress(docker, stream, onProgress);
    } catch (error) {
        throw mistake(`${failure}: ${messageOf(error)}\n${tail.join("\n")}`);
    }
}

function linesOf(event: Progress, readTrace: TraceReader): string[] {
    if (event.id === TRACE_ID && typeof event.aux === "string") {
        return readTrace(event.aux);
    }
    const text =
        event.stream ?? [event.status, event.progress].filter((part) => part !== undefined).join(" ");
    return text.split("\n").filter((line) => line.trim() !== "");
}

/** Copies an image to other engines, so that its content is not made twice. It is read once. */
export async function copyImage(from: Docker, to: readonly Docker[], image: string): Promise<void> {
    await step(`Image ${image}, copy`, async (report) => {
        const content = await from.getImage(image).get();
        const loads = to.map(async (engine) => {
            const copy = new PassThrough();
            content.once("error", (error: Error) => copy.destroy(error));
            content.pipe(copy);
            await followed(engine, await engine.loadImage(copy), `${image}: the copy failed`, report);
        });
        try {
            await Promise.all(loads);
        } catch (error) {
            // A load that ended reads no more, and the others would wait for it.
            content.unpipe();
            throw error;
        }
    });
}
