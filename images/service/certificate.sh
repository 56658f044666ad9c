#!/bin/sh
# Runs a command with HAProxy, whose certificate is renewed while it runs: certificate.sh SHARED OWN SOCKET COMMAND...
#
# SHARED is the file with the key and the certificate that another service writes. HAProxy reads OWN, a copy. Before
# there is a certificate, OWN is a temporary one that the task signs itself. HAProxy takes a new one over its socket:
# new connections get it, and no connection ends.

set -eu

shared=$1 own=$2 socket=$3
shift 3

# Seconds between two looks.
rest=2
umask 077

copy() {
    # An empty line would end the command to HAProxy.
    sed '/^[[:space:]]*$/d' "$shared" > "$own.new"
}

say() {
    socat -t 10 - "UNIX-CONNECT:$socket"
}

take_over() {
    {
        printf 'set ssl cert %s <<\n' "$own"
        cat "$own.new"
        echo
    } | say || return 1
    answer=$(echo "commit ssl cert $own" | say) || return 1
    case $answer in
        *Success*) mv "$own.new" "$own" ;;
        *)
            echo "$answer"
            echo "abort ssl cert $own" | say
            return 1
            ;;
    esac
}

if [ -e "$shared" ]; then
    copy
    mv "$own.new" "$own"
else
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 -subj "/CN=temporary" \
        -keyout "$own.key" -out "$own.crt" 2> "$own.log" || {
        cat "$own.log" >&2
        exit 1
    }
    cat "$own.key" "$own.crt" > "$own"
fi

{
    while sleep "$rest"; do
        if [ -e "$shared" ] && copy && ! cmp -s "$own.new" "$own"; then
            if said=$(take_over 2>&1); then
                echo "certificate: HAProxy has taken the new one over" >&2
            else
                echo "certificate: HAProxy keeps the old one: $said" >&2
            fi
        fi
    done
} &
exec "$@"
