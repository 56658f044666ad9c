#!/bin/sh
# Brings MLflow's database to the tables of this MLflow, then runs a command: with-schema URI COMMAND...
# A server makes the tables of a new database itself, but refuses those of an older version.
set -eu
uri=$1
shift
# Asked without MLflow, whose import takes seconds.
found=$(python -c '
import sys
import sqlalchemy
engine = sqlalchemy.create_engine(sys.argv[1])
if sqlalchemy.inspect(engine).has_table("alembic_version"):
    with engine.connect() as connection:
        print(connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar() or "")
' "$uri")
if [ -n "$found" ] && [ "$found" != "$(cat /app/schema-version)" ]; then
    echo "The database has the tables of another MLflow (version $found): bringing them to this one's."
    mlflow db upgrade "$uri"
fi
# As process 1 the server does not heed SIGTERM: it would be killed each time, after the whole grace period.
exec tini -g -- "$@"
