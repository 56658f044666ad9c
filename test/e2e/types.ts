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
    /** Ends it as `kill -9` would. */
    kill: () => void;
}

/** What the stack says of itself. */
export interface Outputs {
    apiUrl: string;
    mlflowUrl: string;
    username: string;
    password: string;
    model: { name: string; version: string; sha256: string; alias: string; metrics: Record<string, unknown> };
    release: { ref: string; commit: string; dirty: boolean; image: string; dataSha256: string; at: string };
}
