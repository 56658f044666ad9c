"""What is wrong with a user's data, in words that every log, tag and JSON file can hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SurveyError(Exception):
    """A user's data cannot be used: the message names the path, what was found there and what to do."""

    def __init__(self, message: str):
        super().__init__(printable(message))


def printable(text: str) -> str:
    """Text without the stand-ins that Python has for bytes of a file's name that are no UTF-8."""
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what the system has against reading a file or folder into a SurveyError."""
    try:
        yield
    except PermissionError as error:
        raise SurveyError(
            f"{path}: it cannot be read by the user that reads the survey ({error.strerror}); give everybody "
            "the right to read it (chmod a+rX), or the owner of the folder"
        ) from error
    except OSError as error:
        raise SurveyError(
            f"{path}: it cannot be read ({error.strerror or error}); check the disk, and copy it again"
        ) from error
