"""The files of served versions on a volume, so that a task can start while the registry is away.

Entries are folders. They appear as a whole, by a rename, and never change. Replicas share them.
"""

import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from kit.drift.reference import DRIFT_REFERENCE
from kit.registry.model_files import ModelFiles
from kit.serving.settings import Settings

log = logging.getLogger("serving")

KEPT = 5
DETAILS, REFERENCE = "details.json", DRIFT_REFERENCE
# The name of an unfinished entry begins with this.
UNFINISHED = ".new-"
# After this time, the writer of an unfinished entry has ended.
STALE_SECONDS = 3600.0


@dataclass(frozen=True)
class Fetched:
    """A version's files, the registry's facts about it, and its drift reference as JSON, if it has one."""

    files: ModelFiles
    details: dict[str, Any]
    reference: bytes | None = None


class Cache:
    """The entries of one version in the folder MODEL_CACHE. Without this folder, nothing is kept.

    `trusted` are the types that may be loaded.

    An error here is only a warning, and the model is served nevertheless.
    """

    def __init__(self, settings: Settings, trusted: frozenset[str]) -> None:
        self._settings = settings
        self._trusted = trusted
        self._root = Path(settings.model_cache) if settings.model_cache else None
        known = settings.model_files_sha256 or settings.model_sha256
        self._key = f"{settings.model_version}-{known}-"

    def read(self) -> tuple[Fetched, Pipeline] | None:
        """The newest entry that may be served, with its model; None if there is none."""
        for entry in self._entries():
            try:
                files = ModelFiles.read(entry)
                pipeline = files.load(
                    self._settings.model_sha256, self._settings.model_files_sha256, self._trusted
                )
                reference = entry / REFERENCE
                told = reference.read_bytes() if reference.is_file() else None
                return Fetched(files, _details(entry), told), pipeline
            # It is another file, half a file, or already gone.
            except Exception as error:
                log.warning("MODEL_CACHE: %s is of no use: %s", entry, error)
        return None

    def keep(self, fetched: Fetched) -> None:
        """Keep a version, and remove versions that are older than the last few."""
        if self._root is None:
            return
        try:
            self._write(fetched)
            self._prune()
        except OSError as error:
            log.warning(
                "MODEL_CACHE: nothing can be kept in %s (%s): a task starts only while MLflow answers",
                self._root,
                error,
            )

    def _entries(self) -> Iterator[Path]:
        if self._root is None:
            return
        try:
            found = [each for each in self._root.iterdir() if each.name.startswith(self._key)]
            yield from sorted(found, key=lambda entry: -entry.stat().st_mtime)
        except OSError as error:
            log.warning("MODEL_CACHE: %s cannot be read: %s", self._root, error)

    def _write(self, fetched: Fetched) -> None:
        new = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self._root))
        try:
            fetched.files.write(new)
            (new / DETAILS).write_text(json.dumps(fetched.details))
            if fetched.reference is not None:
                (new / REFERENCE).write_bytes(fetched.reference)
            for each in (*new.iterdir(), new):
                _sync(each)
            # A service with a mounted source runs as another user.
            new.chmod(0o755)
            new.rename(new.with_name(self._key + new.name.removeprefix(UNFINISHED)))
        except OSError:
            shutil.rmtree(new, ignore_errors=True)
            raise

    def _prune(self) -> None:
        """Keep the newest entry of each of the last few versions."""
        kept: set[str] = set()
        entries = sorted(self._root.iterdir(), key=lambda entry: -entry.stat().st_mtime)
        for entry in entries:
            if entry.name.startswith(UNFINISHED):
                if time.time() - entry.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(entry)
                continue
            key = entry.name.rpartition("-")[0]
            if key in kept or len(kept) == KEPT:
                shutil.rmtree(entry, ignore_errors=True)
            else:
                kept.add(key)


def _details(entry: Path) -> dict[str, Any]:
    """These are only shown. Without them, the model is served too."""
    try:
        details = json.loads((entry / DETAILS).read_bytes())
        if isinstance(details, dict):
            return details
        raise ValueError("no JSON object")
    except (OSError, ValueError) as error:
        log.warning("MODEL_CACHE: %s tells nothing of the model: %s", entry / DETAILS, error)
        return {}


def _sync(path: Path) -> None:
    """Write it to the disk before the rename, because the machine may go down in between."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
