import { goDuration } from "../../common/units";

/** Seconds between two probes of a task that is not known to be well. */
const INTERVAL_SECONDS = 2;
/**
 * Seconds that the probe of a task that is well waits before it looks. For each probe the engine starts
 * a process in the container, some 80 ms of a core: every two seconds, ten services would take a third of one.
 */
const REST_SECONDS = 8;
/** How long a look may take. */
const LOOK_SECONDS = 5;

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

/**
 * Runs the probe given after the first two arguments. A newcomer that is ready
 * while others of its service answer counts as healthy only when it has been
 * ready for the given seconds. The engine stops the old task once the new one
 * is healthy: this is how the old one serves on until the new one has proven
 * itself, without an outage when it does not. Where nobody else answers, on a
 * first deployment or after a crash, there is nothing to wait for.
 *
 * $1: the service's name on the network, which resolves to its healthy tasks; empty where tasks do not overlap
 * $2: seconds to be ready before it is healthy
 */
export const PROBE = `
others=$1 seconds=$2
shift 2
folder=\${PROBE_FOLDER:-/tmp}
[ ! -e "$folder/well" ] || sleep ${REST_SECONDS}
timeout ${LOOK_SECONDS} "$@" || { rm -f "$folder/ready-since" "$folder/well"; exit 1; }
if [ -n "$others" ] && [ ! -e "$folder/proven" ]; then
    now=$(date +%s)
    [ -e "$folder/ready-since" ] || echo "$now" > "$folder/ready-since"
    ready=$((now - $(cat "$folder/ready-since")))
    # Bounded: a name that nobody holds is asked for outside, where nothing may answer.
    if [ "$ready" -lt "$seconds" ] && timeout 1 getent hosts "$others" > /dev/null; then
        echo "ready for $ready of $seconds s, beside the tasks that serve"
        exit 1
    fi
    touch "$folder/proven"
fi
touch "$folder/well"
`.trim();

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
