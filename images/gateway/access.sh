#!/bin/sh
# Runs HAProxy behind the front: access.sh CONFIGURATION...
#
# At SIGTERM it first says that it is not ready, so that the front gives new connections to others. Then it takes no
# new connections, and answers the requests on those that it has. It ends when the last line of the log is written.

set -eu

socket=/tmp/haproxy.sock
lines=/tmp/lines
# The front asks twice a second, and twice in a row before it believes.
notice=2

for file; do
    set -- "$@" -f "$file"
    shift
done

rm -f "$lines"
mkfifo "$lines"
# Without its reader, HAProxy would go on and drop all lines.
{ python3 -I -S /usr/local/lib/lines.py < "$lines" || kill -TERM $$; } &
reader=$!
haproxy -W -db "$@" > "$lines" &
haproxy=$!

# The trap calls it.
# shellcheck disable=SC2329
stop() {
    trap '' TERM
    echo "disable frontend ready" | socat - "UNIX-CONNECT:$socket"
    sleep "$notice"
    kill -USR1 "$haproxy"
}
trap stop TERM

status=0
wait "$haproxy" || status=$?
# A signal ends the first wait.
while kill -0 "$haproxy" 2> /dev/null; do
    status=0
    wait "$haproxy" || status=$?
done
wait "$reader"
exit "$status"
