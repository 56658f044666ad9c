"""Backups as the service makes them."""

import datetime
import hashlib
import hmac
import json
import sqlite3
import subprocess
import tarfile

import pytest
from prometheus_client import generate_latest

from backup.metrics import registry_of
from backup.service import RETRY

from .conftest import BEGIN

NAME = "prod-2026-01-31T163400Z"


def key_pair(tmp_path):
    identity = tmp_path / "identity"
    said = subprocess.run(["age-keygen", "-o", identity], capture_output=True, text=True, check=True).stderr
    return identity, said.split()[-1]


def test_a_backup_is_whole_and_sealed(make, tmp_path):
    service = make()
    service.attempt()
    folder = tmp_path / "backups" / NAME
    text = (folder / "manifest.json").read_bytes()
    manifest = json.loads(text)
    assert (folder / "manifest.hmac").read_text() == hmac.new(b"k" * 32, text, hashlib.sha256).hexdigest() + "\n"
    assert manifest["format"] == 2
    assert manifest["at"] == "2026-01-31T16:34:00Z"
    assert manifest["key"] == hmac.new(b"k" * 32, b"the name of this key", hashlib.sha256).hexdigest()[:16]
    for entry in manifest["files"]:
        content = (folder / entry["name"]).read_bytes()
        assert entry == {"name": entry["name"], "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    rows = sqlite3.connect(folder / "database.dump").execute("SELECT name FROM runs").fetchall()
    assert rows == [("first",)]
    with tarfile.open(folder / "artifacts.tar") as archive:
        assert archive.extractfile("./model").read() == b"a model"
    assert [it.name for it in (tmp_path / "backups").iterdir()] == [NAME]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "database.dump").stat().st_mode & 0o777 == 0o600


def test_an_encrypted_backup_holds_no_plain_byte_and_is_opened_by_its_identity(make, tmp_path):
    identity, recipient = key_pair(tmp_path)
    make(recipients=(recipient,)).attempt()
    folder = tmp_path / "backups" / NAME
    assert sorted(it.name for it in folder.iterdir()) == [
        *("artifacts.tar.age", "database.dump.age", "manifest.hmac", "manifest.json")
    ]
    assert b"a model" not in (folder / "artifacts.tar.age").read_bytes()
    opened = subprocess.run(
        ["age", "--decrypt", "--identity", identity, folder / "artifacts.tar.age"], capture_output=True, check=True
    )
    assert b"a model" in opened.stdout


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"recipients": ("age1wrong",)}, "age: exit code 1: "),
        ({"sqlite": "gone/mlflow.db"}, "unable to open database file"),
        ({"artifacts": "gone"}, "tar: exit code 2: "),
    ],
)
def test_a_failed_attempt_leaves_nothing_says_why_and_is_made_again(make, tmp_path, capsys, more, says):
    service = make(**more)
    service.attempt()
    assert list((tmp_path / "backups").iterdir()) == []
    said = capsys.readouterr().out
    assert said.startswith("failed after ")
    assert says in said
    assert said.count("\n") == 1
    assert (service.state.failed, service.state.last) == (True, None)
    assert service.state.due == BEGIN + RETRY


def test_a_good_one_after_a_failed_one_ends_the_failure(make, tmp_path):
    service = make()
    (tmp_path / "artifacts").rename(tmp_path / "away")
    service.attempt()
    assert service.state.failed
    (tmp_path / "away").rename(tmp_path / "artifacts")
    service.attempt()
    assert service.state.failed is False
    assert service.state.last == BEGIN


def test_the_first_one_is_made_at_once_and_the_next_at_the_schedule(make, clock):
    service = make()
    service.wait()
    assert clock.now() == BEGIN
    service.attempt()
    service.wait()
    assert clock.now() == datetime.datetime(2026, 2, 1, 3, tzinfo=datetime.UTC)


def test_a_task_that_starts_again_makes_up_for_a_missed_time_and_for_nothing_else(make, clock):
    make().attempt()
    clock.time += datetime.timedelta(hours=2)
    assert make().state.due == datetime.datetime(2026, 2, 1, 3, tzinfo=datetime.UTC)
    clock.time += datetime.timedelta(days=1)
    assert make().state.due < clock.now()


def test_what_a_killed_task_left_is_no_backup_and_goes(make, tmp_path):
    for name in (f".{NAME}.scheduled", ".other-2026-01-31T163400Z.scheduled", f"{NAME}.making"):
        (tmp_path / "backups").mkdir(exist_ok=True)
        (tmp_path / "backups" / name).mkdir()
    service = make()
    assert service.state.last is None
    left = sorted(it.name for it in (tmp_path / "backups").iterdir())
    assert left == [".other-2026-01-31T163400Z.scheduled", f"{NAME}.making"]


def test_old_ones_go_and_are_named(make, tmp_path, clock, capsys):
    service = make(keep=2)
    for _ in range(3):
        service.attempt()
        clock.time += datetime.timedelta(days=1)
    assert sorted(it.name for it in (tmp_path / "backups").iterdir()) == [
        *("prod-2026-02-01T163400Z", "prod-2026-02-02T163400Z")
    ]
    assert capsys.readouterr().out.splitlines()[-1].endswith(f"in plain; removed: {NAME}")


def test_metrics_tell_what_is_known_and_nothing_else(make):
    service = make()
    registry = registry_of(service.state)
    before = generate_latest(registry).decode()
    assert "backup_period_seconds 86400.0" in before
    assert "backup_last_" not in before
    service.attempt()
    text = generate_latest(registry).decode()
    last = registry.get_sample_value("backup_last_success_timestamp_seconds")
    assert last == BEGIN.timestamp()
    assert "backup_last_attempt_failed 0.0" in text
    assert "backup_kept 1.0" in text
    assert "backup_last_success_bytes " in text
    assert "process_start_time_seconds" in text
