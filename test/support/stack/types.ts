/** The end of a command of Pulumi. */
export interface Ended {
    code: number | null;
    /** Both streams, as a person sees them. */
    output: string;
    seconds: number;
}

/** A running command of Pulumi. */
export interface Running {
    ended: Promise<Ended>;
    /** Its output, as it comes. */
    stdout: NodeJS.ReadableStream;
    /** Sends a signal to it, but not to its plugins. Without a signal, it ends it like `kill -9`. */
    kill: (signal?: NodeJS.Signals) => void;
}

/** The stack's outputs. */
export interface Outputs {
    apiUrl: string;
    mlflowUrl: string;
    statusUrl: string;
    /** Set if the stack has it. */
    prometheusUrl?: string;
    alertmanagerUrl?: string;
    username: string;
    password: string;
    /** Passwords by user. */
    passwords: Record<string, string>;
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
        /** Set if the stack has a registry. */
        imageDigest?: string;
    }[];
    release: { ref: string; commit: string; dirty: boolean; image: string; dataSha256: string; at: string };
}
