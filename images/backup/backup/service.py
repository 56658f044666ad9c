"""Makes a backup at each time of the schedule, and removes old ones."""

import datetime
import os
import shutil
import time
from pathlib import Path

from backup.clock import LOOK_SECONDS, Clock, after, longest_gap
from backup.manifest import write_manifest
from backup.metrics import State
from backup.retention import backups_in, name_of, superfluous
from backup.settings import Settings
from backup.sources import CHANGED, artifacts_archive, database_dump, versions_of
from backup.writing import write_file

# After a failure the next attempt comes this soon, or at the schedule's next time.
RETRY = datetime.timedelta(minutes=15)
# A half-made backup has no name of a backup. The command `backup` names its own half-made ones otherwise.
_MAKING = ".scheduled"


class Service:
    """The service.

    A task that starts makes a backup at once when none is there, or when a time of the schedule has passed since the
    last good one.
    """

    def __init__(self, settings: Settings, clock: Clock):
        self._settings = settings
        self._clock = clock
        now = clock.now()
        self.state = State(period=longest_gap(settings.schedule, now), due=now)

    def start(self) -> None:
        """Remove what a killed task left, and look at what there is."""
        for path in self._settings.folder.glob(f".{self._settings.stack}-*{_MAKING}"):
            shutil.rmtree(path, ignore_errors=True)
        self._look()
        now = self._clock.now()
        last = self.state.last
        # A time in the future comes of a clock that was wrong.
        self.state.due = now if last is None else after(self._settings.schedule, min(last, now))

    def run(self) -> None:
        """Make backups, for ever."""
        while True:
            self.wait()
            self.attempt()

    def wait(self) -> None:
        """Wait until the next backup is due."""
        while (left := (self.state.due - self._clock.now()).total_seconds()) > 0:
            self._clock.sleep(min(left, LOOK_SECONDS))

    def attempt(self) -> None:
        """Make one backup, and say in one line how it went."""
        began, at = time.monotonic(), self._clock.now()
        try:
            name, sizes = self._make(at)
        except Exception as error:
            # Of whatever kind: a task that ended would begin a backup anew every few seconds.
            self.state.failed = True
            self.state.due = min(after(self._settings.schedule, at), at + RETRY)
            why = str(error) or type(error).__name__
            print(f"failed after {time.monotonic() - began:.1f} s: {why}; next attempt at {self.state.due:%FT%TZ}")
            return
        self.state.failed = False
        self.state.duration = time.monotonic() - began
        self.state.due = after(self._settings.schedule, at)
        removed = self._remove_old(at)
        self._look()
        to = ", ".join(self._settings.recipients)
        print(
            f"{name}: {', '.join(sizes)} in {self.state.duration:.1f} s, "
            f"{f'encrypted to {to}' if to else 'in plain'}; removed: {', '.join(removed) or 'none'}"
        )

    def _make(self, at: datetime.datetime) -> tuple[str, list[str]]:
        settings = self._settings
        name = name_of(settings.stack, at)
        making = settings.folder / f".{name}{_MAKING}"
        making.mkdir(mode=0o700)
        try:
            to = settings.recipients
            dump = write_file(making, "database.dump", database_dump(settings.sqlite), to)
            archive = artifacts_archive(settings.artifacts)
            artifacts = write_file(making, "artifacts.tar", archive, to, allowed=(0, CHANGED))
            content = {
                **settings.facts,
                "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "versions": versions_of(settings),
                "recipients": list(to),
                "files": [dump, artifacts],
            }
            write_manifest(making, content, settings.key)
            _sync(making)
            making.rename(settings.folder / name)
            _sync(settings.folder)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        return name, [f"{it['name']} {it['bytes']} bytes" for it in (dump, artifacts)]

    def _remove_old(self, now: datetime.datetime) -> list[str]:
        settings = self._settings
        removed = []
        for old in superfluous(backups_in(settings.folder, settings.stack, settings.key), settings.keep, now):
            # Its name goes first: what is left of an interrupted removal is no backup.
            going = settings.folder / f".{old.name}{_MAKING}"
            try:
                (settings.folder / old.name).rename(going)
                shutil.rmtree(going)
                removed.append(old.name)
            except OSError as error:
                removed.append(f"not {old.name} ({error})")
        return removed

    def _look(self) -> None:
        settings = self._settings
        good = [it for it in backups_in(settings.folder, settings.stack, settings.key) if it.size is not None]
        self.state.kept = len(good)
        self.state.last, self.state.size = (good[0].at, good[0].size) if good else (None, None)


def _sync(path: Path) -> None:
    """Have all names below a folder on the disk, and the content of its files."""
    for each in (*(it for it in path.iterdir() if it.is_file()), path):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
