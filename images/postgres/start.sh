#!/bin/sh
# Makes the database cluster on a new volume, gives its owner the password, then runs the server.
# DATABASE: the database and its owner. PASSWORD_FILE: holds the owner's password.
set -eu

# Runs a cluster's server for a command, for nobody else: the socket is this container's own.
privately() {
    cluster=$1
    shift
    pg_ctl --pgdata="$cluster" --wait --options="-c listen_addresses=''" start
    "$@"
    pg_ctl --pgdata="$cluster" --wait stop
}

make_database() {
    createdb --username="$DATABASE" --host=/var/run/postgresql "$DATABASE"
}

# Each time, since a volume outlives the stack that made its password. Not an argument: those can be listed.
set_password() {
    printf "ALTER ROLE \"%s\" PASSWORD '%s';\n" "$DATABASE" "$(cat "$PASSWORD_FILE")" |
        psql --quiet --username="$DATABASE" --host=/var/run/postgresql --set=ON_ERROR_STOP=1 "$DATABASE"
}

if [ ! -d "$PGDATA" ]; then
    # Made beside its place: a cluster that stands there is whole, whatever interrupted this.
    making=$PGDATA.making
    rm -rf "$making"
    initdb --pgdata="$making" --username="$DATABASE" --auth-local=trust --auth-host=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8 --data-checksums
    echo "host all all all scram-sha-256" >> "$making/pg_hba.conf"
    privately "$making" make_database
    mv "$making" "$PGDATA"
fi
privately "$PGDATA" set_password
exec postgres -c listen_addresses='*'
