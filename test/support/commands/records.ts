import type { ReleaseRecord } from "../../../releases/records";

/** A record of a project's commit, with the first trainer. */
export function recordOf(commit: string, more: Partial<ReleaseRecord> = {}): ReleaseRecord {
    return {
        commit,
        ref: "HEAD",
        dirty: false,
        image: `seismic-mlops/trainer:${commit.slice(0, 16)}`,
        version: "1",
        sha256: "5".repeat(64),
        runId: "r",
        dataSha256: "d",
        trainedAt: "2026-01-01T00:00:00Z",
        metrics: { macroF1: 0.9 },
        recipe: commit,
        serving: "h@1@8000",
        at: "2026-01-02T00:00:00Z",
        by: "ann",
        why: "first release",
        ...more,
    };
}

/** The outputs of a stack that is up. */
export const OUTPUTS = {
    apiUrl: "http://localhost:8002",
    mlflowUrl: "http://localhost:5002",
    username: "seismic",
    password: "canary",
    model: {
        name: "SeismicClassifier",
        version: "1",
        sha256: "5".repeat(64),
        alias: "champion",
        metrics: {},
    },
    release: { ref: "v1", commit: "0".repeat(40), dirty: false },
};
