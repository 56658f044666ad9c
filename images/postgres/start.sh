#!/bin/sh
# Makes the database cluster on a new volume, then runs the server.
# DATABASE: the database and its owner. PASSWORD_FILE: holds the owner's password.
set -eu
if [ ! -d "$PGDATA" ]; then
    # Made beside its place: a cluster that stands there is whole, whatever interrupted this.
    making=$PGDATA.making
    rm -rf "$making"
    initdb --pgdata="$making" --username="$DATABASE" --pwfile="$PASSWORD_FILE" --auth=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8 --data-checksums
    echo "host all all all scram-sha-256" >> "$making/pg_hba.conf"
    # Until it is whole it listens to nobody else.
    pg_ctl --pgdata="$making" --wait --options="-c listen_addresses=''" start
    PGPASSFILE=/tmp/pgpass
    (umask 077 && echo "*:*:*:*:$(cat "$PASSWORD_FILE")" > "$PGPASSFILE")
    export PGPASSFILE
    createdb --username="$DATABASE" --host=/var/run/postgresql "$DATABASE"
    rm "$PGPASSFILE"
    unset PGPASSFILE
    pg_ctl --pgdata="$making" --wait stop
    mv "$making" "$PGDATA"
fi
exec postgres -c listen_addresses='*'
