#!/bin/sh
# Runs dockerd in a container that may mount; the arguments are those of dockerd.
set -eu
# A container that is not privileged sees the kernel's settings and control groups read-only.
mount -o remount,bind,rw /sys
mount | while read -r _ _ place _ kind _; do
    case $kind in cgroup*) mount -o remount,bind,rw "$place" ;; esac
done
# With cgroup v2 a group that holds processes cannot hand its controllers to the groups of containers.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mkdir -p /sys/fs/cgroup/engine
    while read -r process; do
        # A process may have ended since the list was read.
        echo "$process" > /sys/fs/cgroup/engine/cgroup.procs || [ ! -e "/proc/$process" ]
    done < /sys/fs/cgroup/cgroup.procs
    sed 's/\([a-z_]\{1,\}\)/+\1/g' /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
fi
exec dockerd "$@"
