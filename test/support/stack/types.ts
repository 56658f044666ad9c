/** How a command of Pulumi ended. */
export interface Ended {
    code: number | null;
    /** Both streams, as a person saw them. */
    output: string;
    seconds: number;
}

/** A command of Pulumi that runs. */
export interface Running {
    ended: Promise<Ended>;
    /** What it writes, as it comes. */
    stdout: NodeJS.ReadableStream;
    /** Sends it a signal, but not its plugins; without one, ends it as `kill -9` would. */
    kill: (signal?: NodeJS.Signals) => void;
}

/** What the stack says of itself. */
export interface Outputs {
    apiUrl: string;
    mlflowUrl: string;
    statusUrl: string;
    /** Where the stack has them. */
    prometheusUrl?: string;
    alertmanagerUrl?: string;
    username: string;
    password: string;
    model: { name: string; version: string; sha256: string; alias: string; metrics: Record<string, unknown> };
    releases: {
        commit: string;
        ref: string;
        version: string;
        sha256: string;
        runId: string;
        at: string;
        by: string;
        why: string;
        metrics: Record<string, number>;
    }[];
    release: { ref: string; commit: string; dirty: boolean; image: string; dataSha256: string; at: string };
}
