"""The commands that print what is backed up, and the versions of the programs that it belongs to."""

import subprocess
import sys
import urllib.request
from pathlib import Path

from backup.settings import Settings
from backup.writing import BackupError

# GNU tar's exit code when a file changed while it was read. Such a file belongs to a run that is not in the database's
# dump, because the dump was made before.
CHANGED = 1
_WAIT_SECONDS = 30


def database_dump(sqlite: Path | None) -> list[str]:
    """Print a consistent copy of the database in use."""
    if sqlite is not None:
        return [sys.executable, "-m", "backup.sqlite_copy", str(sqlite)]
    return ["pg_dump", "--no-owner", "--no-privileges", "--format=custom"]


def artifacts_archive(folder: Path) -> list[str]:
    """Print all artifacts. A restore's own files are left out (cli/backup/artifacts.ts)."""
    return ["tar", "--create", "--file=-", "--numeric-owner", f"--directory={folder}", "--exclude=./.restore", "."]


def versions_of(settings: Settings) -> dict[str, str]:
    """The versions of MLflow and, where it is used, of PostgreSQL's server."""
    versions = {"mlflow": _mlflow_version(settings.registry)}
    if settings.sqlite is None:
        command = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command=SHOW server_version"]
        asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_WAIT_SECONDS)
        if asked.returncode != 0:
            raise BackupError(f"psql: exit code {asked.returncode}: {asked.stderr.strip()}")
        # "17.6 (Debian 17.6-0+deb13u1)"
        versions["postgres"] = asked.stdout.split()[0]
    return versions


def _mlflow_version(registry: str) -> str:
    try:
        with urllib.request.urlopen(f"{registry}/version", timeout=_WAIT_SECONDS) as answer:
            return answer.read().decode().strip()
    except OSError as error:
        raise BackupError(f"MLflow at {registry} does not tell its version: {error}") from error
