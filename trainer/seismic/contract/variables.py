"""How the values of environment variables are read: strictly, with what was given and what is allowed.

Every function takes the text of one variable, never empty, or gives a function that does; it returns the
value or raises ValueError, whose message stands behind the variable's name.
"""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def address(example: str) -> Callable[[str], str]:
    """An http or https address."""

    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"got {text!r}; expected an address such as {example}")
        return text

    return parse


def model_name(text: str) -> str:
    """The name of a registered model."""
    # MLflow refuses "/" and ":" because models:/name/version is its address of a version.
    if not re.fullmatch(r"[\w.\- ]+", text):
        raise ValueError(f"got {text!r}; letters, digits, '_', '-', '.' and spaces are allowed")
    return text


def version(text: str) -> str:
    """The number of a registered version."""
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
        raise ValueError(f"got {text!r}; expected a whole number from 1")
    return text


def sha256(text: str) -> str:
    """A hash."""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError(f"got {text!r}; expected 64 hex digits")
    return text


def ollama_model(text: str) -> str:
    """The name of a model as Ollama's library has it, with or without a tag."""
    if not re.fullmatch(r"[\w.\-/]+(:[\w.\-]+)?", text):
        raise ValueError(f"got {text!r}; expected a model of Ollama such as llama3.2:1b")
    return text


def folder(text: str) -> Path:
    """A folder that exists."""
    path = Path(text)
    if not path.is_dir():
        raise ValueError(f"got {text!r}, which is no folder; mount the survey's folder there")
    return path


def one_of(*allowed: str) -> Callable[[str], str]:
    """One of a few words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"got {text!r}; allowed: {', '.join(allowed)}")
        return text

    return parse


def flag(text: str) -> bool:
    """`true` or `false`."""
    return one_of("true", "false")(text) == "true"


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds, both included."""

    def parse(text: str) -> int:
        number = int(text) if re.fullmatch(r"-?\d+", text) else None
        if number is None or not least <= number <= most:
            raise ValueError(f"got {text!r}; expected a whole number from {least} to {most}")
        return number

    return parse


def seconds(text: str) -> float:
    """Seconds above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"got {text!r}; expected seconds, above 0, such as 600")
    return number


def short(most: int) -> Callable[[str], str]:
    """One line of at most so many characters."""

    def parse(text: str) -> str:
        if len(text) > most or not text.isprintable():
            raise ValueError(f"got {text[:most]!r}; expected one line of at most {most} characters")
        return text

    return parse


def json_object(text: str, example: str) -> dict[str, Any]:
    """A JSON object."""
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"got {text!r}; expected a JSON object such as {example}")
    return values
