"""Which backups go."""

import datetime

import pytest

from backup.manifest import MANIFEST, SEAL, size_of_good, write_manifest
from backup.retention import Backup, backups_in, name_of, superfluous

NOW = datetime.datetime(2026, 3, 1, 3, tzinfo=datetime.UTC)
KEY = b"k"


def days_ago(days, good=True):
    at = NOW - datetime.timedelta(days=days)
    return Backup(name_of("prod", at), at, 1 if good else None)


def days(number):
    return datetime.timedelta(days=number)


@pytest.mark.parametrize(
    ("what", "backups", "keep", "gone"),
    [
        ("nothing is there", [], 2, []),
        ("as many as are kept", [days_ago(0), days_ago(1)], 2, []),
        ("one more", [days_ago(0), days_ago(1), days_ago(2)], 2, [2]),
        ("a damaged one does not count", [days_ago(0, False), days_ago(1), days_ago(2), days_ago(3)], 2, [3]),
        ("an old damaged one goes too", [days_ago(0), days_ago(1), days_ago(2, False)], 2, [2]),
        ("only damaged ones", [days_ago(0, False), days_ago(90, False)], 1, []),
        ("too few good ones", [days_ago(0), days_ago(1, False), days_ago(2, False)], 2, []),
        ("by age", [days_ago(0), days_ago(30), days_ago(31)], days(30), [31]),
        ("the last good one is old", [days_ago(0, False), days_ago(40), days_ago(50)], days(30), [50]),
        ("all are old", [days_ago(40), days_ago(50)], days(30), [50]),
        ("all are old and damaged", [days_ago(40, False), days_ago(50, False)], days(30), []),
    ],
)
def test_these_go(what, backups, keep, gone):
    names = [it.name for it in superfluous(backups, keep, NOW)]
    assert names == [days_ago(it).name for it in gone], what


def whole(folder, name, key=KEY):
    path = folder / name
    path.mkdir()
    (path / "database.dump").write_bytes(b"dump")
    write_manifest(path, {"files": [{"name": "database.dump", "bytes": 4}]}, key)
    return path


def test_only_a_whole_backup_of_this_key_is_good(tmp_path):
    good = whole(tmp_path, "prod-2026-01-01T030000Z")
    assert size_of_good(good, KEY) == 4
    assert size_of_good(good, b"other") is None
    (good / "database.dump").write_bytes(b"dum")
    assert size_of_good(good, KEY) is None
    altered = whole(tmp_path, "prod-2026-01-02T030000Z")
    (altered / MANIFEST).write_bytes((altered / MANIFEST).read_bytes() + b" ")
    assert size_of_good(altered, KEY) is None
    for hour, missing in enumerate((MANIFEST, SEAL, "database.dump")):
        path = whole(tmp_path, f"prod-2026-01-03T0{hour}0000Z")
        (path / missing).unlink()
        assert size_of_good(path, KEY) is None


def test_other_names_are_no_backups_of_the_stack(tmp_path):
    whole(tmp_path, "prod-2026-01-01T030000Z")
    for other in (
        *("prod-eu-2026-01-01T030000Z", "prod-2026-01-01T030000Z.making", ".prod-2026-01-02T030000Z.scheduled"),
        *("notes", "prod-2026-13-01T030000Z", "Xprod-2026-01-01T030000Z"),
    ):
        whole(tmp_path, other)
    (tmp_path / "prod-2026-01-05T030000Z").symlink_to(tmp_path / "prod-2026-01-01T030000Z")
    (tmp_path / "prod-2026-01-06T030000Z").write_text("a file")
    assert [it.name for it in backups_in(tmp_path, "prod", KEY)] == ["prod-2026-01-01T030000Z"]
