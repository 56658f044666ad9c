"""Writes the files of a backup, encrypted on the way. Memory does not grow with their size."""

import hashlib
import os
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

_CHUNK = 1 << 20
_LAST_LINES = 3


class BackupError(Exception):
    """A backup that could not be made. The message says why."""


def write_file(
    folder: Path, name: str, command: list[str], recipients: tuple[str, ...], allowed: tuple[int, ...] = (0,)
) -> dict[str, object]:
    """Write what a command prints. With recipients, only encrypted bytes reach the disk.

    Parameters
    ----------
    name : of the plain content; the file of an encrypted one ends with ".age".
    allowed : the command's exit codes that are no failure.

    Returns
    -------
    The file's entry in the manifest: name, bytes and sha256 of what is on the disk.

    Raises
    ------
    BackupError
        with the program and the last lines that it printed.
    """
    encrypt = ["age", *(word for it in recipients for word in ("--recipient", it))]
    commands = [command, encrypt] if recipients else [command]
    name = f"{name}.age" if recipients else name
    digest, size = hashlib.sha256(), 0
    with ExitStack() as stack:
        programs: list[tuple[list[str], subprocess.Popen[bytes], object]] = []
        for words in commands:
            said = stack.enter_context(tempfile.TemporaryFile())
            source = programs[-1][1].stdout if programs else subprocess.DEVNULL
            program = subprocess.Popen(words, stdin=source, stdout=subprocess.PIPE, stderr=said)
            stack.callback(_end, program)
            if programs:
                # Only the next program reads it, so the first one notices when that one ends.
                programs[-1][1].stdout.close()
            programs.append((words, program, said))
        file = stack.enter_context(os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"))
        while chunk := programs[-1][1].stdout.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        # The last program first: when it fails, the one before it fails only because of that.
        for words, program, said in reversed(programs):
            code = program.wait()
            if code not in (allowed if words is command else (0,)):
                said.seek(0)
                lines = said.read().decode("utf-8", "replace").split("\n")
                text = "; ".join([it.strip() for it in lines if it.strip()][-_LAST_LINES:])
                raise BackupError(f"{words[0]}: exit code {code}: {text or 'it said nothing'}")
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}


def _end(program: subprocess.Popen[bytes]) -> None:
    program.kill()
    program.wait()
    program.stdout.close()
