import { goDuration } from "../units";

/** Seconds between two probes of a task, and how long one may take. */
const INTERVAL_SECONDS = 2;
const TIMEOUT_SECONDS = 5;

/** When a task can do its work. */
export interface Healthcheck {
    /** A command that exits 0 when it can. */
    test: string[];
    /** How long it may take until then. */
    startSeconds: number;
}

/**
 * Runs the probe given after the first two arguments. A newcomer that is ready
 * while others of its service answer counts as healthy only when it has been
 * ready for the given seconds. The engine stops the old task once the new one
 * is healthy: this is how the old one serves on until the new one has proven
 * itself, without an outage when it does not. Where nobody else answers, on a
 * first deployment or after a crash, there is nothing to wait for.
 *
 * $1: the service's name on the network, which resolves to its healthy tasks
 * $2: seconds to be ready before it is healthy
 */
export const PROVE = `
others=$1 seconds=$2
shift 2
folder=\${PROVE_FOLDER:-/tmp}
"$@" || { rm -f "$folder/ready-since"; exit 1; }
[ -e "$folder/proven" ] && exit 0
now=$(date +%s)
[ -e "$folder/ready-since" ] || echo "$now" > "$folder/ready-since"
ready=$((now - $(cat "$folder/ready-since")))
# Bounded: a name that nobody holds is asked for outside, where nothing may answer.
if [ "$ready" -lt "$seconds" ] && timeout 1 getent hosts "$others" > /dev/null; then
    echo "ready for $ready of $seconds s, beside the tasks that serve"
    exit 1
fi
touch "$folder/proven"
`.trim();

/** The engine's form of a health check; `provesFor` names the service and the seconds of PROVE. */
export function renderHealthcheck(
    { test, startSeconds }: Healthcheck,
    provesFor?: { service: string; seconds: number },
) {
    return {
        tests: provesFor
            ? ["CMD", "sh", "-c", PROVE, "prove", provesFor.service, String(provesFor.seconds), ...test]
            : ["CMD", ...test],
        interval: goDuration(INTERVAL_SECONDS),
        timeout: goDuration(TIMEOUT_SECONDS),
        // Until it has proven itself, a failing probe is no fault.
        startPeriod: goDuration(startSeconds + (provesFor?.seconds ?? 0)),
        retries: 3,
    };
}
