#!/bin/sh
# Brings MLflow's database to the tables of this MLflow, then runs a command: with-schema URI COMMAND...
# A server makes the tables of a new database itself, but refuses those of an older version.
set -eu
uri=$1
shift
python /app/schema.py "$uri"
# As process 1 the server does not heed SIGTERM: it would be killed each time, after the whole grace period.
exec tini -g -- "$@"
