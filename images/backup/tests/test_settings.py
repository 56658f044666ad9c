"""The service's settings, and its schedule."""

import datetime
import json
import os

import pytest

from backup.clock import after, longest_gap
from backup.settings import SettingsError, read_settings

SATURDAY = datetime.datetime(2026, 1, 31, 16, 34, tzinfo=datetime.UTC)
DAY = 86400


@pytest.fixture
def env(tmp_path):
    (tmp_path / "seal").write_text("secret")
    return {
        **{"BACKUP_FOLDER": str(tmp_path), "SEAL_FILE": str(tmp_path / "seal")},
        "BACKUP_FACTS": json.dumps({"stack": "prod"}),
        **{"BACKUP_SCHEDULE": "0 3 * * *", "BACKUP_KEEP": "30d", "ARTIFACTS_FOLDER": "/mlflow/artifacts"},
        **{"REGISTRY_URI": "http://mlflow:5000", "PORT": "8000", "BACKUP_RECIPIENTS": "age1a,age1b"},
    }


def test_settings_are_read(env):
    settings = read_settings(env)
    assert settings.stack == "prod"
    assert settings.key == b"secret"
    assert settings.keep == datetime.timedelta(days=30)
    assert settings.recipients == ("age1a", "age1b")
    assert settings.sqlite is None
    assert read_settings({**env, "BACKUP_KEEP": "14"}).keep == 14
    assert read_settings({**env, "BACKUP_RECIPIENTS": ""}).recipients == ()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BACKUP_KEEP", "0", "BACKUP_KEEP: got '0'"),
        ("BACKUP_KEEP", "2w", "BACKUP_KEEP: got '2w'"),
        ("BACKUP_SCHEDULE", "daily", "BACKUP_SCHEDULE: got 'daily'"),
        ("BACKUP_SCHEDULE", "0 0 30 2 *", "BACKUP_SCHEDULE: got '0 0 30 2 \\*'"),
        ("PORT", "", "PORT: missing"),
        ("BACKUP_FOLDER", "/", f"backup.folder: the user {os.getuid()} may not write to it"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(env, name, value, says):
    if name == "BACKUP_FOLDER" and os.getuid() == 0:
        pytest.skip("root may write everywhere")
    with pytest.raises(SettingsError, match=says):
        read_settings({**env, name: value})


@pytest.mark.parametrize(
    ("expression", "gap"),
    [
        *(("0 3 * * *", DAY), ("*/15 * * * *", 900), ("0 3 * * 1-5", 3 * DAY), ("0 3 1 * *", 31 * DAY)),
        *(("0 9-17 * * *", 16 * 3600), ("0 3 1 1 *", 366 * DAY)),
    ],
)
def test_the_period_is_the_longest_gap(expression, gap):
    assert longest_gap(expression, SATURDAY) == gap


def test_the_next_time_is_after_the_moment():
    at = datetime.datetime(2026, 2, 1, 3, tzinfo=datetime.UTC)
    assert after("0 3 * * *", SATURDAY) == at
    assert after("0 3 * * *", at) == at + datetime.timedelta(days=1)
