"""Problems with a user's data, in words that every log, tag and JSON file can hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.contract.protocol import DataError


class SurveyError(DataError):
    """A user's data cannot be used. The message names the path, the problem and the remedy."""

    def __init__(self, message: str):
        super().__init__(printable(message))


def printable(text: str) -> str:
    """The text without Python's surrogates for bytes of a file's name that are no UTF-8."""
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns the system's error about a file or folder into a SurveyError."""
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
