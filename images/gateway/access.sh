#!/bin/sh
# Runs HAProxy behind the front: access.sh CONFIGURATION...
#
# At SIGTERM it first says that it is not ready, so that the front gives new connections to others. Then it takes no
# new connections, and answers the requests on those that it has. It ends when the last line of the log is written.
#
# No request waits for the log, and no fault of the log ends HAProxy.

set -eu

socket=/tmp/haproxy.sock
# The front asks twice a second, and twice in a row before it believes.
notice=2
# Before the program of the log starts again. The pipe takes what HAProxy writes meanwhile.
pause=0.2

for file; do
    set -- "$@" -f "$file"
    shift
done

# The pipe of the log: 3 is its end, 4 its beginning. A pipe that is opened for both does not wait for the other side.
folder=$(mktemp -d)
mkfifo "$folder/lines"
exec 5<> "$folder/lines"
exec 3< "$folder/lines"
exec 4> "$folder/lines" 5>&-
rm -r "$folder"

haproxy -W -db "$@" >&4 3<&- 4>&- &
haproxy=$!

# Passes the lines on until HAProxy has ended. If the program dies, another one goes on where it was. Meanwhile this
# shell keeps the pipe's end open. Without that, HAProxy would lose lines, and would not even count them.
pass_on() {
    # HAProxy alone may have the pipe's beginning: the pipe ends when HAProxy does.
    exec 4>&-
    until python3 -I -S /usr/local/lib/lines.py <&3 || ! kill -0 "$haproxy" 2> /dev/null; do
        echo "lines.py ended before HAProxy; it starts again" >&2
        sleep "$pause"
    done
}
pass_on &
reader=$!
exec 4>&-

stopping=false
# The trap calls it.
# shellcheck disable=SC2329
stop() {
    trap '' TERM
    stopping=true
    echo "disable frontend ready" | socat - "UNIX-CONNECT:$socket"
    sleep "$notice"
    kill -USR1 "$haproxy"
}
trap stop TERM

status=0
wait "$haproxy" || status=$?
# The signal ended this wait.
if "$stopping"; then
    status=0
    wait "$haproxy" || status=$?
fi
wait "$reader"
exit "$status"
