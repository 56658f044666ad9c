"""Which backups a folder has, and which of them go."""

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

from backup.manifest import size_of_good

_TIME = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True)
class Backup:
    """A backup in the folder.

    Attributes
    ----------
    at : when it began.
    size : the bytes of its files; None when it is damaged, or not sealed with this stack's key.
    """

    name: str
    at: datetime.datetime
    size: int | None


def name_of(stack: str, at: datetime.datetime) -> str:
    """The name of a backup's folder: "prod-2026-01-31T163400Z"."""
    return f"{stack}-{at.strftime(_TIME)}"


def backups_in(folder: Path, stack: str, key: bytes) -> list[Backup]:
    """The backups of one stack, newest first. Folders with other names do not count."""
    pattern = re.compile(re.escape(stack) + r"-(\d{4}-\d\d-\d\dT\d{6}Z)")
    found = []
    for path in folder.iterdir():
        match = pattern.fullmatch(path.name)
        if match is None or path.is_symlink() or not path.is_dir():
            continue
        try:
            at = datetime.datetime.strptime(match[1], _TIME).replace(tzinfo=datetime.UTC)
        except ValueError:
            continue
        found.append(Backup(path.name, at, size_of_good(path, key)))
    return sorted(found, key=lambda it: it.at, reverse=True)


def superfluous(backups: list[Backup], keep: datetime.timedelta | int, now: datetime.datetime) -> list[Backup]:
    """The backups that go, of a list with the newest first.

    By age, a backup goes when it is older than `keep`. By number, a backup goes when it is older than the newest
    `keep` good ones. The newest good one always stays, and without a good one nothing goes: then a damaged one is
    all that there is.
    """
    good = [it for it in backups if it.size is not None]
    if not good:
        return []
    if isinstance(keep, int):
        return [] if len(good) < keep else [it for it in backups if it.at < good[keep - 1].at]
    return [it for it in backups if it.at < now - keep and it != good[0]]
