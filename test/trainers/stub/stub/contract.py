"""The parts of docs/trainer-contract.md that training and serving share."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

OK, DEFECT, CONFIGURATION, DATA, UNREACHABLE, SUPERSEDED, TERMINATED = 0, 1, 2, 3, 4, 5, 128 + 15

# The settings by name: the default, if neither release nor stack gives a value, and the allowed values.
ANY_NUMBER = "a number from 0"
SETTINGS: Mapping[str, tuple[Any, Any]] = {
    "mlflowRetrySeconds": (60.0, ANY_NUMBER),
    "servingAnswers": ("right", ["right", "wrong"]),
    "servingDiesAfter": (0, ANY_NUMBER),
    "servingIsReady": (True, [True, False]),
    "trainingSeconds": (0, ANY_NUMBER),
}
DEFAULTS = Path(__file__).with_name("defaults.json")


class Failure(BaseException):
    """Ends the program with an exit code. SIGTERM raises it too, so it is no Exception."""

    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code


class Variables:
    """The environment's variables. An empty one counts as not given. `check` reports all problems at once."""

    def __init__(self, environment: Mapping[str, str] = os.environ):
        self._given = {name: text.strip() for name, text in environment.items() if text.strip()}
        self._problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """A variable. It is a problem if it has no default and is not given."""
        found = self._given.get(name, default)
        if found is None:
            self._problems.append(f"{name}: not given")
        return found or ""

    def read[T](self, name: str, read: Callable[[str], T], default: T) -> T:
        """A variable as `read` makes it from the text. It is a problem if `read` raises ValueError."""
        if name not in self._given:
            return default
        try:
            return read(self._given[name])
        except ValueError as error:
            self._problems.append(f"{name}: got {self._given[name]!r}; {error}")
            return default

    def settings(self) -> dict[str, Any]:
        """The settings. The stack's override the release's, and both override the defaults."""
        defaults = {name: default for name, (default, _) in SETTINGS.items()}
        return {
            **defaults,
            **_settings(DEFAULTS.read_text()),
            **self.read("TRAINER_SETTINGS", _settings, {}),
        }

    def check(self) -> None:
        """Raise Failure with all problems, if there are any."""
        if self._problems:
            raise Failure(CONFIGURATION, "\n".join(dict.fromkeys(self._problems)))


def whole(least: int) -> Callable[[str], int]:
    """Reads a whole number with a lowest value."""

    def read(text: str) -> int:
        if not text.isdigit() or int(text) < least:
            raise ValueError(f"expected a whole number from {least}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """Read seconds, more than 0."""
    if not 0 < float(text) < float("inf"):
        raise ValueError("expected seconds, more than 0")
    return float(text)


def one_of(*allowed: str) -> Callable[[str], str]:
    """Reads one of some texts."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"allowed: {', '.join(allowed)}")
        return text

    return read


def json_object(text: str) -> dict[str, Any]:
    """Read a JSON object."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object")
    return value


def _settings(text: str) -> dict[str, Any]:
    given = json_object(text)
    for name, value in given.items():
        if name not in SETTINGS:
            raise ValueError(f"{name}: unknown; allowed: {', '.join(SETTINGS)}")
        allowed = SETTINGS[name][1]
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        if not (
            is_number if allowed == ANY_NUMBER else (type(value), value) in [(type(it), it) for it in allowed]
        ):
            raise ValueError(f"{name}: got {value!r}; allowed: {allowed}")
    return given


def progress(stage: str, done: int, total: int, note: str = "") -> None:
    """Write the progress of a stage to standard error."""
    line = json.dumps({"stage": stage, "done": done, "total": total, "note": note})
    print(f"progress {line}", file=sys.stderr, flush=True)
