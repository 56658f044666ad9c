#!/bin/sh
# Probes a task of a service: probe.sh SERVICE SECONDS COMMAND...
#
# COMMAND exits 0 when the task can do its work. A newcomer that is ready while others of its service answer counts as
# healthy only when it has been ready for SECONDS. The engine stops the old task once the new one is healthy, so the old
# task serves on until the new one has proven itself. Where nobody else answers, on a first deployment or after a crash,
# there is nothing to wait for. Neither is there where all others are of the task's own generation, because it replaces
# one whose node is gone. Generations listen on different ports, so these others answer COMMAND at their own addresses.
#
# SERVICE is the service's name on the network, which resolves to its healthy tasks; empty where tasks do not overlap.
# The engine gets the text of this file in each service's health check: for any other text it restarts all tasks.

others=$1 seconds=$2
shift 2
folder=${PROBE_FOLDER:-/tmp}

# The healthy tasks of the service. Bounded: a name that nobody holds is asked for outside, where nothing may answer.
healthy() {
    timeout 1 getent ahostsv4 "$others" | awk '{ print $1 }' | sort -u
}

# Whether COMMAND asks the task's own address and succeeds at another one: at ADDRESS COMMAND...
at() {
    address=$1
    shift
    case $* in
        *127.0.0.1*) ;;
        *) return 1 ;;
    esac
    for word; do
        shift
        case $word in
            *127.0.0.1*) word=${word%%127.0.0.1*}$address${word#*127.0.0.1} ;;
        esac
        set -- "$@" "$word"
    done
    timeout 1 "$@" > /dev/null 2>&1
}

# Whether one of them is of another generation: mixed COMMAND...
mixed() {
    for peer in $(healthy); do
        at "$peer" "$@" || return 0
    done
    return 1
}

[ ! -e "$folder/well" ] || sleep 8
timeout 5 "$@" || { rm -f "$folder/ready-since" "$folder/well"; exit 1; }
if [ -n "$others" ] && [ ! -e "$folder/proven" ]; then
    now=$(date +%s)
    [ -e "$folder/ready-since" ] || echo "$now" > "$folder/ready-since"
    ready=$((now - $(cat "$folder/ready-since")))
    if [ "$ready" -lt "$seconds" ] && mixed "$@"; then
        echo "ready for $ready of $seconds s, beside the tasks that serve"
        exit 1
    fi
    touch "$folder/proven"
fi
touch "$folder/well"
