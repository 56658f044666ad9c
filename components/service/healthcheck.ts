import { shellText } from "../../common/shellText";
import { goDuration } from "../../common/units";

/** Seconds between two probes of a task that is not known to be healthy. */
const INTERVAL_SECONDS = 2;
/**
 * Seconds that a healthy task's probe waits before it looks. For each probe the engine
 * starts a process in the container, which takes some 80 ms of a core. With a probe every
 * two seconds, ten services would take a third of a core.
 */
export const REST_SECONDS = 8;
/** Seconds that a look may take. */
export const LOOK_SECONDS = 5;

/** Further seconds that a probe takes on a busy machine. */
const MARGIN_SECONDS = 5;

/**
 * Seconds that a service of the platform may take to become healthy. A long time costs nothing where all is well, and
 * a task that ends is noticed at once. Only a task that hangs uses the whole time. MLflow makes its tables in 10 s on
 * an idle machine, and in more than 60 s while images are built. If it were killed before, it would begin again.
 */
export const PLATFORM_START_SECONDS = 180;

/**
 * Seconds that a service which opens a database may take. A recovery after a crash and a
 * migration take longer with more data. They begin anew when they are interrupted, and
 * they end by themselves when they fail. `up` does not wait that long, and says so.
 */
export const DATABASE_START_SECONDS = 86_400;

/** Tells when a task can do its work. */
export interface Healthcheck {
    /** A command that exits 0 when the task can work. */
    test: string[];
    /** Seconds that the task may take until then. */
    startSeconds: number;
}

/** A test that succeeds when a task answers a path on one of its own ports. The image must have curl. */
export function answersOn(port: number, path: string): string[] {
    return ["curl", "-fsS", "-o", "/dev/null", `http://127.0.0.1:${port}${path}`];
}

/**
 * Runs a test as described in images/service/probe.sh. That file contains the numbers of REST_SECONDS and LOOK_SECONDS.
 */
export const PROBE = shellText("service/probe.sh");

/** The engine's form of a health check. `provesFor` has the service and the seconds for PROBE. */
export function renderHealthcheck(
    { test, startSeconds }: Healthcheck,
    provesFor: { service: string; seconds: number } = { service: "", seconds: 0 },
) {
    return {
        tests: ["CMD", "sh", "-c", PROBE, "probe", provesFor.service, String(provesFor.seconds), ...test],
        interval: goDuration(INTERVAL_SECONDS),
        timeout: goDuration(REST_SECONDS + LOOK_SECONDS + MARGIN_SECONDS),
        // While a task has not proven itself, a failing probe is no fault.
        startPeriod: goDuration(startSeconds + provesFor.seconds),
        retries: 3,
    };
}
