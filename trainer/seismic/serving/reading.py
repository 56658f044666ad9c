"""How the services that answer requests read their variables: all problems are told, not the first alone."""

import re
from collections.abc import Callable, Mapping

from seismic.contract.protocol import LOG_LEVELS
from seismic.data.settings import VARIABLE, TrainerSettings


class Reader:
    """Collects problems instead of raising at the first."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.problems: list[str] = []

    def need(self, name: str, parse: Callable[[str], object]) -> object:
        """The value of a variable that must be given."""
        if not self.env.get(name, "").strip():
            self.problems.append(f"{name}: not given")
            return None
        return self.take(name, parse)

    def take(self, name: str, parse: Callable[[str], object]) -> object:
        """The value of a variable; None where it is not given, or wrong."""
        given = self.env.get(name, "").strip()
        if not given:
            return None
        try:
            return parse(given)
        except ValueError as error:
            self.problems.append(f"{name}: got {given!r}; expected {error}")
            return None

    def trainer_settings(self) -> TrainerSettings | None:
        """How surveys are read; None where nothing is settled, or wrongly."""
        given = self.env.get(VARIABLE, "").strip()
        try:
            return TrainerSettings.parse(given) if given else None
        except ValueError as error:
            self.problems += [f"{VARIABLE}: {line}" for line in str(error).splitlines()]
            return None


def matching(pattern: str, expected: str) -> Callable[[str], str]:
    """A text that a pattern matches as a whole."""

    def parse(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise ValueError(expected)
        return given

    return parse


def whole(low: int, high: int | None = None, expected: str | None = None) -> Callable[[str], int]:
    """A whole number within bounds, both included."""

    def parse(given: str) -> int:
        value = int(given) if re.fullmatch(r"[0-9]{1,18}", given) else -1
        if value < low or (high is not None and value > high):
            span = f"from {low}" if high is None else f"from {low} to {high}"
            raise ValueError(expected if expected is not None else f"a whole number {span}")
        return value

    return parse


def log_level(given: str) -> str:
    """One of LOG_LEVELS."""
    if given not in LOG_LEVELS:
        raise ValueError(", ".join(LOG_LEVELS))
    return given
