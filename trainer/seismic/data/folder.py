"""Finds the survey's files in a folder, and files that only look like them."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from seismic.data.errors import SurveyError, printable, reading

SUFFIXES = (".sgy", ".segy")
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".tar")
# Folders that a file system or a desktop makes by itself.
FOREIGN_FOLDERS = ("lost+found", "System Volume Information", "@eaDir", "__MACOSX")


@dataclass(frozen=True)
class Found:
    """The SEG-Y files of a folder, by name, and notes about other files that are not read."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]


def find_files(folder: Path) -> Found:
    """The *.sgy and *.segy files (any case) directly in a folder, by name.

    Raises SurveyError if the folder is missing, is no folder, or holds no such file. Also raises it for such
    a name that is no file: without this, a broken link would silently leave out a part of the survey.
    """
    if not folder.exists():
        raise SurveyError(f"{folder}: there is no such folder; give the folder that holds the SEG-Y files")
    if not folder.is_dir():
        raise SurveyError(f"{folder}: this is a file; give the folder that holds the SEG-Y files")
    with reading(folder):
        # macOS leaves "._name.sgy" beside files that it copies to other disks, and editors leave ".#name".
        entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    paths = [path for path in entries if path.suffix.lower() in SUFFIXES]
    for path in paths:
        require_file(path)
    _require_distinct(paths)
    notes = [note for path in entries if path not in paths and (note := _unread(path))]
    if not paths:
        raise SurveyError(
            f"{folder}: no SEG-Y file was found in it; put one or more *.sgy or *.segy files there"
            + "".join(f"; {note}" for note in notes)
        )
    return Found(tuple(paths), tuple(notes))


def require_file(path: Path) -> None:
    """Raise SurveyError for a name that is no ordinary file."""
    try:
        mode = os.stat(path).st_mode
    except PermissionError:
        with reading(path):
            raise
    except OSError as error:
        if not path.is_symlink():
            raise SurveyError(f"{path}: it has gone while the folder was read; try again") from error
        raise SurveyError(
            f"{path}: it is a link to {os.readlink(path)}, where the program that reads the survey finds "
            "nothing, for it sees this folder only; put the file itself here, or remove the link"
        ) from error
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
        raise SurveyError(f"{path}: it is named as a file of the survey and is {what}; rename or remove it")


def _require_distinct(paths: list[Path]) -> None:
    """Refuse one file with two names, because it would count twice."""
    seen: dict[tuple[int, int], Path] = {}
    for path in paths:
        with reading(path):
            found = os.stat(path)
        other = seen.setdefault((found.st_dev, found.st_ino), path)
        if other != path:
            raise SurveyError(f"{path}: it is the same file as {other.name}; remove one of the two names")


def _unread(path: Path) -> str:
    """Why a file that may belong to the survey is not read; empty for all other files."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if len(suffixes) > 1 and suffixes[-1] in PACKED and suffixes[-2] in SUFFIXES:
        return printable(f"{path} is packed and not read: unpack it")
    if path.name in FOREIGN_FOLDERS or not path.is_dir():
        return ""
    try:
        inside = next((one for one in path.iterdir() if one.suffix.lower() in SUFFIXES), None)
    except OSError:
        return ""
    return printable(f"{inside} is in a sub-folder and not read: move it up") if inside else ""
