"""Reads the values of environment variables strictly. A message has the given value and the allowed values.

Every function takes the text of one variable, which is never empty, or makes a function that does. It returns
the value or raises ValueError. The message follows the variable's name.
"""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kit.contract.protocol import LOG_LEVELS

TRAINER_SETTINGS = "TRAINER_SETTINGS"


def address(example: str) -> Callable[[str], str]:
    """An http or https address."""

    def parse(text: str) -> str:
        if not is_address(text):
            raise ValueError(f"got {text!r}; expected an address such as {example}")
        return text

    return parse


def is_address(text: str) -> bool:
    """Whether a text is an http or https address with a host."""
    if not re.fullmatch(r"https?://\S+", text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def model_name(text: str) -> str:
    """The name of a registered model."""
    # MLflow refuses "/" and ":", because models:/name/version is the address of a version.
    if not re.fullmatch(r"[\w.\- ]+", text):
        raise ValueError(f"got {text!r}; letters, digits, '_', '-', '.' and spaces are allowed")
    return text


def version(text: str) -> str:
    """The number of a registered version."""
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
        raise ValueError(f"got {text!r}; expected a whole number from 1")
    return text


def matching(pattern: str, expected: str) -> Callable[[str], str]:
    """A text that matches a pattern as a whole."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"got {text!r}; expected {expected}")
        return text

    return parse


sha256 = matching(r"[0-9a-f]{64}", "64 hex digits")
# A name in Ollama's library, with or without a tag.
ollama_model = matching(r"[\w.\-/]+(:[\w.\-]+)?", "a model of Ollama such as llama3.2:1b")


def folder(text: str) -> Path:
    """A folder that exists."""
    path = Path(text)
    if not path.is_dir():
        raise ValueError(f"got {text!r}, which is no folder; mount the data's folder there")
    return path


def one_of(*allowed: str) -> Callable[[str], str]:
    """One of a few words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"got {text!r}; allowed: {', '.join(allowed)}")
        return text

    return parse


log_level = one_of(*LOG_LEVELS)


def flag(text: str) -> bool:
    """`true` or `false`."""
    return one_of("true", "false")(text) == "true"


def whole(least: int, most: int | None = None, expected: str = "") -> Callable[[str], int]:
    """A whole number within inclusive bounds. `expected` describes them in better words."""
    span = f"from {least}" if most is None else f"from {least} to {most}"

    def parse(text: str) -> int:
        number = int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
        if number is None or number < least or (most is not None and number > most):
            raise ValueError(f"got {text!r}; expected {expected or f'a whole number {span}'}")
        return number

    return parse


# Seconds; who runs a trainer ends it then.
training_timeout = whole(1, 7 * 24 * 3600)


port = whole(1, 65_535)


def seconds(text: str) -> float:
    """Seconds, more than 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"got {text!r}; expected seconds, above 0, such as 600")
    return number


def decimal(least: float, most: float, what: str = "a number") -> Callable[[str], float]:
    """A decimal number within inclusive bounds, without sign and exponent."""

    def parse(text: str) -> float:
        number = float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text) else math.nan
        if not least <= number <= most:
            raise ValueError(f"got {text!r}; expected {what} from {least:g} to {most:g}")
        return number

    return parse


def short(most: int) -> Callable[[str], str]:
    """One line with a limited number of characters."""

    def parse(text: str) -> str:
        if len(text) > most or not text.isprintable():
            raise ValueError(f"got {text[:most]!r}; expected one line of at most {most} characters")
        return text

    return parse


def no_settings(text: str) -> None:
    """The TRAINER_SETTINGS of a trainer that knows none."""
    if given := json_object(text, "{}"):
        raise ValueError(f"got {', '.join(sorted(given))}; this trainer has no settings")


def json_object(text: str, example: str) -> dict[str, Any]:
    """A JSON object."""
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"got {text!r}; expected a JSON object such as {example}")
    return values
