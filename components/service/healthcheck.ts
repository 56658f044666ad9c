import { shellText } from "../../common/shellText";
import { goDuration } from "../../common/units";

/** Seconds between two probes of a task that is not known to be well. */
const INTERVAL_SECONDS = 2;
/**
 * Seconds that the probe of a task that is well waits before it looks. For each probe the engine starts
 * a process in the container, some 80 ms of a core: every two seconds, ten services would take a third of one.
 */
export const REST_SECONDS = 8;
/** How long a look may take. */
export const LOOK_SECONDS = 5;

/** What else a probe takes, on a busy machine. */
const MARGIN_SECONDS = 5;

/**
 * How long a service of the platform may take to be well. It costs nothing where all is well, and a task that
 * ends is noticed at once: only one that hangs is given this much. MLflow makes its tables in 10 s where nothing
 * else goes on, and in more than 60 where images are built; a task killed before would begin again.
 */
export const PLATFORM_START_SECONDS = 180;

/**
 * How long what opens a database may take: a crash's recovery and a migration take as long as there are data, begin
 * anew when they are interrupted, and end by themselves when they fail. `up` does not wait that long, and says so.
 */
export const DATABASE_START_SECONDS = 86_400;

/** When a task can do its work. */
export interface Healthcheck {
    /** A command that exits 0 when it can. */
    test: string[];
    /** How long it may take until then. */
    startSeconds: number;
}

/** A test that succeeds when a task answers a path on one of its own ports, in an image that holds curl. */
export function answersOn(port: number, path: string): string[] {
    return ["curl", "-fsS", "-o", "/dev/null", `http://127.0.0.1:${port}${path}`];
}

/** Runs a test, as images/service/probe.sh says. It has REST_SECONDS and LOOK_SECONDS as its own numbers. */
export const PROBE = shellText("service/probe.sh");

/** The engine's form of a health check; `provesFor` names the service and the seconds of PROBE. */
export function renderHealthcheck(
    { test, startSeconds }: Healthcheck,
    provesFor: { service: string; seconds: number } = { service: "", seconds: 0 },
) {
    return {
        tests: ["CMD", "sh", "-c", PROBE, "probe", provesFor.service, String(provesFor.seconds), ...test],
        interval: goDuration(INTERVAL_SECONDS),
        timeout: goDuration(REST_SECONDS + LOOK_SECONDS + MARGIN_SECONDS),
        // Until it has proven itself, a failing probe is no fault.
        startPeriod: goDuration(startSeconds + provesFor.seconds),
        retries: 3,
    };
}
