"""The service's settings: variables, and files that the engine mounts."""

import datetime
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cronsim import CronSim, CronSimError


class SettingsError(Exception):
    """A setting that cannot be used. The message names it."""


@dataclass(frozen=True)
class Settings:
    """What is backed up, when, to where, and for whom.

    Attributes
    ----------
    facts : the stack's part of a manifest: project, stack, environment, model, backend, releases.
    key : seals the manifests.
    keep : the age at which a backup goes, or the number of backups that stay.
    sqlite : the database's file; None for PostgreSQL, whose address is in libpq's own variables.
    registry : MLflow's address.
    """

    facts: dict[str, object]
    key: bytes
    schedule: str
    keep: datetime.timedelta | int
    recipients: tuple[str, ...]
    folder: Path
    artifacts: Path
    sqlite: Path | None
    registry: str
    port: int

    @property
    def stack(self) -> str:
        """The stack's name, with which the names of its backups begin."""
        return str(self.facts["stack"])


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises
    ------
    SettingsError
        for one that is missing or cannot be used, and for a folder that this user may not write to.
    """
    folder = Path(_given(env, "BACKUP_FOLDER"))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(
            f"backup.folder: the user {os.getuid()} may not write to it; on the engine's host: "
            f"install -d -o {os.getuid()} -g {os.getgid()} -m 700 FOLDER"
        )
    sqlite = env.get("SQLITE_FILE", "")
    return Settings(
        facts=json.loads(_given(env, "BACKUP_FACTS")),
        key=Path(_given(env, "SEAL_FILE")).read_bytes(),
        schedule=_schedule(_given(env, "BACKUP_SCHEDULE")),
        keep=_keep(_given(env, "BACKUP_KEEP")),
        recipients=tuple(it for it in env.get("BACKUP_RECIPIENTS", "").split(",") if it),
        folder=folder,
        artifacts=Path(_given(env, "ARTIFACTS_FOLDER")),
        sqlite=Path(sqlite) if sqlite else None,
        registry=_given(env, "REGISTRY_URI"),
        port=int(_given(env, "PORT")),
    )


def _given(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if value == "":
        raise SettingsError(f"{name}: missing")
    return value


def _schedule(text: str) -> str:
    try:
        next(CronSim(text, datetime.datetime.now(datetime.UTC)))
    except (CronSimError, StopIteration) as error:
        raise SettingsError(f"BACKUP_SCHEDULE: got {text!r}; expected a cron expression ({error})") from error
    return text


def _keep(text: str) -> datetime.timedelta | int:
    """Read "30d" or "14"."""
    number = text.removesuffix("d")
    if not number.isdecimal() or int(number) == 0:
        raise SettingsError(f"BACKUP_KEEP: got {text!r}; expected days such as 30d, or a number such as 14")
    return int(number) if number == text else datetime.timedelta(days=int(number))
