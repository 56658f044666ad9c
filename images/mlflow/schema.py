"""Brings the tables of MLflow's database to those that this MLflow knows: schema.py URI.

Before it changes them it keeps a copy: SQLite's beside the file, PostgreSQL's beside the database. The last copy stays,
so that an older MLflow can go back to it. Exits with 1, and says what to do, where the tables are those of a newer one.
Imports no MLflow: that takes seconds at each start.
"""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy

# The versions of the tables that this MLflow can migrate, its own first.
KNOWN = Path("/app/schema-versions")
POLL_SECONDS = 2
GO_BACK = "docs/operations.md, \"Upgrade\", says how"


class SqliteFile:
    """MLflow's database in a file, whose migration may stop half-way: it begins again from the copy."""

    def __init__(self, path):
        self._path = path
        # There as long as a migration is under way.
        self._migrating = f"{path}.migrating"

    def recover(self):
        """Undo a migration that was interrupted or failed."""
        if os.path.exists(self._migrating):
            say("A migration of the database did not come to its end: its copy is put back.")
            for side in ("-journal", "-wal", "-shm"):
                Path(self._path + side).unlink(missing_ok=True)
            os.replace(self._migrating, self._path)

    def copy(self, found):
        """Copy the whole database; the copy has its name once it is on the disk."""
        making = f"{self._path}.copying"
        Path(making).unlink(missing_ok=True)
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(making)) as target:
            source.backup(target)
        os.replace(making, self._migrating)
        return self._name(found)

    def keep(self, found):
        """Keep the copy, and none of those before."""
        for older in self.kept():
            Path(older).unlink()
        os.replace(self._migrating, self._name(found))

    def kept(self):
        """Names of the copies that are there."""
        path = Path(self._path)
        return [str(it) for it in path.parent.glob(f"{path.name}.of-*")]

    def _name(self, found):
        return f"{self._path}.of-{found}"


class PostgresDatabase:
    """MLflow's database in PostgreSQL, whose migration is one transaction: it is done as a whole or not at all."""

    def __init__(self, url):
        self._database = url.database
        # Always there; a database cannot be copied by who is in it.
        self._engine = sqlalchemy.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")

    def recover(self):
        """Nothing to undo."""

    def copy(self, found):
        """Copy the database beside it."""
        name = self._name(found)
        with self._engine.connect() as connection:
            connection.execute(sqlalchemy.text(f'DROP DATABASE IF EXISTS "{name}"'))
            # The exporter's connection, which it makes again; the server's own workers have no user.
            connection.execute(
                sqlalchemy.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = :name AND usename IS NOT NULL"
                ),
                {"name": self._database},
            )
            connection.execute(sqlalchemy.text(f'CREATE DATABASE "{name}" TEMPLATE "{self._database}"'))
        return f"database {name}"

    def keep(self, found):
        """Keep the copy, and none of those before."""
        with self._engine.connect() as connection:
            for older in self.kept():
                if older != self._name(found):
                    connection.execute(sqlalchemy.text(f'DROP DATABASE "{older}"'))

    def kept(self):
        """Names of the copies that are there."""
        query = sqlalchemy.text("SELECT datname FROM pg_database WHERE starts_with(datname, :start)")
        with self._engine.connect() as connection:
            return list(connection.execute(query, {"start": self._name("")}).scalars())

    def _name(self, found):
        return f"{self._database}_of_{found}"


def main(uri):
    """Compare, copy, migrate; the exit code."""
    engine = sqlalchemy.create_engine(uri)
    database = SqliteFile(engine.url.database) if engine.dialect.name == "sqlite" else PostgresDatabase(engine.url)
    database.recover()
    known = KNOWN.read_text().split()
    found = version_of(engine)
    if found is None or found == known[0]:
        return 0
    if found not in known:
        copies = ", ".join(database.kept()) or "none"
        say(f"The database has the tables of a newer MLflow (version {found}), which this one cannot read. Deploy the")
        say(f"newer one again; or go back to a backup, or to the copy from before the upgrade ({copies}): {GO_BACK}.")
        return 1
    say(f"The database has the tables of an older MLflow (version {found}): bringing them to this one's.")
    say(f"A copy of it is kept for the way back: {database.copy(found)}. {GO_BACK}.")
    engine.dispose()
    if subprocess.run(["mlflow", "db", "upgrade", uri], check=False).returncode != 0:
        database.recover()
        say(f"The migration failed; the database is as it was, and the older MLflow can read it: {GO_BACK}.")
        return 1
    database.keep(found)
    return 0


def version_of(engine):
    """The version of the tables, None where there are none yet; waits for a server that does not answer."""
    said = None
    while True:
        try:
            with engine.connect() as connection:
                if not sqlalchemy.inspect(connection).has_table("alembic_version"):
                    return None
                return connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar()
        except sqlalchemy.exc.OperationalError as error:
            # A file that cannot be opened will not open later; a server may be recovering from a crash.
            if engine.dialect.name == "sqlite":
                raise
            if str(error.orig) != said:
                said = str(error.orig)
                say(f"Waiting for the database: {said.strip()}")
            time.sleep(POLL_SECONDS)


def say(text):
    """To the log, at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
