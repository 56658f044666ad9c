/** Turns a look at a deployment into a verdict. Pure: `followRollout` looks, and acts on the verdict. */

/**
 * After this many failures, the deployment of a service that never ran counts as failed. Of many replicas that start
 * together, some may fail once because all want the processor and MLflow at the same time, so as many may fail.
 */
const FAILURES_ALLOWED = 3;

/** The declared state of a service. */
export interface Wanted {
    /** The value of IDENTITY_VARIABLE. */
    readonly identity: string;
    readonly replicas: number;
    /** If no further task comes to run for this many seconds, the deployment counts as failed. */
    readonly timeoutSeconds: number;
}

/** The result of one look. */
export interface Seen {
    /** The engine's state of the update; undefined when there is no update, or only the end of an earlier one. */
    readonly update: string | undefined;
    /** The identity in the engine's spec. */
    readonly identity: string | undefined;
    /** The replicas that the engine keeps. */
    readonly replicas: number | undefined;
    /** Tasks of the declared spec that run. */
    readonly running: number;
    /** Running tasks of the declared spec that have run long enough. */
    readonly proven: number;
    /** Tasks of the declared spec that failed since the first look. */
    readonly failed: number;
    /** Why a task waits for a node in vain; undefined when none does. */
    readonly unplaced: string | undefined;
    /** Whether no further task came to run within the time limit. */
    readonly isLate: boolean;
    /** Seconds since the first look. */
    readonly seconds: number;
}

/**
 * `healthy` means that every replica of the declared spec runs. `withTasks` asks for the last log lines of the tasks.
 */
export type Verdict =
    | { readonly kind: "wait"; readonly healthy: boolean }
    | { readonly kind: "proven" }
    | { readonly kind: "failed"; readonly what: string; readonly withTasks: boolean };

type Row = readonly [
    when: (seen: Seen, wanted: Wanted) => boolean,
    then: (seen: Seen, wanted: Wanted) => Verdict,
];

const WAIT: Verdict = { kind: "wait", healthy: false };

const REFRESH = "Run: pulumi up --refresh";

/** The first row that holds decides. */
const TABLE: readonly Row[] = [
    // The engine goes back to the version before. The failure is told once that version runs.
    [({ update, isLate }) => update === "rollback_started" && !isLate, () => WAIT],
    [({ update }) => update === "paused", () => failed("the engine paused the update")],
    [
        ({ update }) => update?.startsWith("rollback") === true,
        () => failed("the new tasks did not stay up; the engine went back to the version before"),
    ],
    [
        (seen, wanted) => seen.identity !== wanted.identity,
        () =>
            byHand(
                "the engine runs something else than this stack declares; " +
                    "somebody changed the service by hand, or this update left it out (--target, --exclude). " +
                    REFRESH,
            ),
    ],
    [
        (seen, wanted) => seen.replicas !== wanted.replicas,
        (seen, wanted) =>
            byHand(
                `the engine keeps ${seen.replicas ?? "no"} replicas, this stack declares ${wanted.replicas}; ` +
                    "somebody scaled the service by hand. " +
                    REFRESH,
            ),
    ],
    [(seen, wanted) => isUpdated(seen) && seen.proven >= wanted.replicas, () => ({ kind: "proven" })],
    [
        (seen, wanted) =>
            seen.update === undefined && seen.failed >= Math.max(FAILURES_ALLOWED, wanted.replicas),
        (seen) => failed(`its tasks ended ${seen.failed} times within ${seen.seconds} s`),
    ],
    [(seen) => seen.unplaced !== undefined, (seen) => failed(`its next task has no place: ${seen.unplaced}`)],
    [
        (seen) => seen.isLate,
        (seen, wanted) =>
            failed(
                `${seen.running} of ${wanted.replicas} tasks run; the next did not within ${wanted.timeoutSeconds} s`,
            ),
    ],
];

/** The verdict on one look at a deployment. */
export function judge(seen: Seen, wanted: Wanted): Verdict {
    const row = TABLE.find(([when]) => when(seen, wanted));
    return (
        row?.[1](seen, wanted) ?? {
            kind: "wait",
            healthy: isUpdated(seen) && seen.running >= wanted.replicas,
        }
    );
}

function isUpdated({ update }: Seen): boolean {
    return update !== "updating";
}

function failed(what: string): Verdict {
    return { kind: "failed", what, withTasks: true };
}

function byHand(what: string): Verdict {
    return { kind: "failed", what, withTasks: false };
}
