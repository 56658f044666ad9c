#!/bin/sh
# Makes the database cluster on a new volume, brings its roles to what they should be, then runs the server.
# DATABASE: the database and its owner, who is no superuser. PASSWORD_FILE: holds the owner's password.
# MONITOR_PASSWORD_FILE: holds the password of the role that reads statistics, `monitor`; optional.
# BACKUP_PASSWORD_FILE: holds the password of the role that reads all tables, `backup`; without it the role cannot log in.
set -eu
# By itself pg_ctl waits for a minute. The recovery of a large database takes longer, and an interrupted one begins anew.
# A year: pg_ctl sees it when the server ends.
export PGCTLTIMEOUT=31536000
# It has no password, so that only who is in this container can be it.
SUPERUSER=postgres
SOCKET=/var/run/postgresql

# Runs a cluster's server for a command, for nobody else: the socket is this container's own.
privately() {
    cluster=$1
    shift
    pg_ctl --pgdata="$cluster" --wait --silent --options="-c listen_addresses=''" start
    "$@"
    pg_ctl --pgdata="$cluster" --wait --silent stop
}

# Runs SQL from standard input: as ROLE DATABASE. Passwords are read by psql itself, for arguments can be listed.
sql() {
    psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 \
        --set=owner="$DATABASE" --set=superuser="$SUPERUSER" --username="$1" --host="$SOCKET" --dbname="$2"
}

make_database() {
    sql "$SUPERUSER" postgres <<'END'
CREATE ROLE :"owner" LOGIN;
CREATE DATABASE :"owner" OWNER :"owner";
END
}

# Clusters of earlier releases were made with the owner as their superuser. A cluster's first role stays superuser for
# ever, so it gets another name, which it cannot do itself.
rename_superuser() {
    sql "$DATABASE" postgres <<'END'
DROP ROLE IF EXISTS renamer;
CREATE ROLE renamer SUPERUSER LOGIN;
END
    sql renamer postgres <<'END'
BEGIN;
ALTER ROLE :"owner" RENAME TO :"superuser";
ALTER ROLE :"superuser" PASSWORD NULL;
CREATE ROLE :"owner" LOGIN;
SELECT format('ALTER DATABASE %I OWNER TO %I', datname, :'owner') FROM pg_database
    WHERE NOT datistemplate AND datname <> 'postgres' \gexec
COMMIT;
END
}

# Each time, since a volume outlives the stack that made its passwords.
set_roles() {
    first=$(echo "SELECT rolname FROM pg_roles WHERE oid = 10;" | sql "$DATABASE" postgres)
    [ "$first" = "$SUPERUSER" ] || rename_superuser
    # A restore makes databases, and sends away who uses the one that it exchanges.
    sql "$SUPERUSER" postgres <<'END'
DROP ROLE IF EXISTS renamer;
ALTER ROLE :"owner" NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS CREATEDB;
GRANT pg_signal_backend TO :"owner";
\set password `cat "$PASSWORD_FILE"`
ALTER ROLE :"owner" PASSWORD :'password';
END
    [ -z "${MONITOR_PASSWORD_FILE:-}" ] || sql "$SUPERUSER" postgres <<'END'
SELECT 'CREATE ROLE monitor LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'monitor') \gexec
GRANT pg_monitor TO monitor;
\set password `cat "$MONITOR_PASSWORD_FILE"`
ALTER ROLE monitor PASSWORD :'password';
END
    if [ -n "${BACKUP_PASSWORD_FILE:-}" ]; then
        sql "$SUPERUSER" postgres <<'END'
SELECT 'CREATE ROLE backup' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backup') \gexec
GRANT pg_read_all_data TO backup;
\set password `cat "$BACKUP_PASSWORD_FILE"`
ALTER ROLE backup LOGIN PASSWORD :'password';
END
    else
        sql "$SUPERUSER" postgres <<'END'
SELECT 'ALTER ROLE backup NOLOGIN PASSWORD NULL' FROM pg_roles WHERE rolname = 'backup' \gexec
END
    fi
    own=$(echo "SELECT datname FROM pg_database WHERE datdba = :'owner'::regrole;" | sql "$SUPERUSER" postgres)
    for database in $own; do
        give_tables "$database"
    done
}

# What the superuser made in a database of the owner's, before there was an owner. A sequence goes with its table.
give_tables() {
    sql "$SUPERUSER" "$1" <<'END'
SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, :'owner') FROM pg_class c
    WHERE relowner = :'superuser'::regrole AND relnamespace = 'public'::regnamespace
    AND (relkind IN ('r', 'p', 'v', 'm') OR relkind = 'S' AND NOT EXISTS
        (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('a', 'i'))) \gexec
END
}

if [ ! -d "$PGDATA" ]; then
    # Made beside its place: a cluster that stands there is whole, whatever interrupted this.
    making=$PGDATA.making
    rm -rf "$making"
    initdb --pgdata="$making" --username="$SUPERUSER" --auth-local=trust --auth-host=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8 --data-checksums
    echo "host all all all scram-sha-256" >> "$making/pg_hba.conf"
    privately "$making" make_database
    mv "$making" "$PGDATA"
fi
privately "$PGDATA" set_roles
exec postgres -c listen_addresses='*'
