"""A service on folders of its own, with a clock that only moves when it is told."""

import datetime
import sqlite3

import pytest

from backup.service import Service
from backup.settings import Settings

BEGIN = datetime.datetime(2026, 1, 31, 16, 34, tzinfo=datetime.UTC)


class SetClock:
    """A clock that moves when somebody waits."""

    def __init__(self):
        self.time = BEGIN

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += datetime.timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def make(tmp_path, clock, monkeypatch):
    """Make a service; its database and artifacts are there."""
    monkeypatch.setattr("backup.service.versions_of", lambda settings: {"mlflow": "3.17.2"})
    artifacts, folder, database = tmp_path / "artifacts", tmp_path / "backups", tmp_path / "mlflow.db"
    artifacts.mkdir()
    folder.mkdir()
    (artifacts / "model").write_text("a model")
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE runs (name TEXT)")
    connection.execute("INSERT INTO runs VALUES ('first')")
    connection.commit()
    connection.close()

    def service(**more):
        settings = {
            "facts": {"project": "p", "stack": "prod", "environment": "prod", "releases": []},
            **{"key": b"k" * 32, "schedule": "0 3 * * *", "keep": 3, "recipients": (), "folder": folder},
            **{"artifacts": artifacts, "sqlite": database, "registry": "http://mlflow:5000", "port": 8000},
        }
        made = Service(Settings(**{**settings, **more}), clock)
        made.start()
        return made

    return service
