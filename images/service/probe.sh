#!/bin/sh
# Probes a task of a service: probe.sh SERVICE SECONDS COMMAND...
#
# COMMAND exits 0 when the task can do its work. A newcomer that is ready while others of its service answer counts as
# healthy only when it has been ready for SECONDS. The engine stops the old task once the new one is healthy, so the old
# task serves on until the new one has proven itself. Where nobody else answers, on a first deployment or after a crash,
# there is nothing to wait for.
#
# SERVICE is the service's name on the network, which resolves to its healthy tasks; empty where tasks do not overlap.
# The engine gets the text of this file in each service's health check: for any other text it restarts all tasks.

others=$1 seconds=$2
shift 2
folder=${PROBE_FOLDER:-/tmp}
[ ! -e "$folder/well" ] || sleep 8
timeout 5 "$@" || { rm -f "$folder/ready-since" "$folder/well"; exit 1; }
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
