/** Reads BuildKit's messages about a build by the Engine API. */
import { dirname, join } from "node:path";

export const TRACE_ID = "moby.buildkit.trace";

/** A message of BuildKit. Source: moby/buildkit, api/services/control/control.proto, StatusResponse. */
interface Status {
    /** Steps of the build. */
    readonly vertexes: readonly {
        readonly name: string;
        readonly started?: object;
        readonly completed?: object;
        readonly error: string;
    }[];
    /** Lines of the steps' output. */
    readonly logs: readonly { readonly msg: Uint8Array }[];
}

/**
 * Reads a status message in base64. Its lines are first the steps that begin, then the steps' output, then errors.
 */
export type TraceReader = (base64: string) => string[];

/**
 * Loads the reader late, because only a build needs it. dockerode brings the schema, but prints a step's output in
 * base64.
 */
export async function traceReader(): Promise<TraceReader> {
    const { default: protobuf } = await import("protobufjs");
    const schema = join(
        dirname(require.resolve("dockerode/package.json")),
        "lib/proto/buildkit_status.proto",
    );
    const type = protobuf.loadSync(schema).lookupType("moby.buildkit.v1.StatusResponse");
    return (base64) => linesOf(type.decode(Buffer.from(base64, "base64")) as unknown as Status);
}

function linesOf({ vertexes, logs }: Status): string[] {
    return [
        ...vertexes.filter(({ started, completed }) => started && !completed).map(({ name }) => name),
        ...logs.flatMap(({ msg }) => Buffer.from(msg).toString("utf8").split("\n")),
        ...vertexes.map(({ error }) => error),
    ].filter((line) => line.trim() !== "");
}
