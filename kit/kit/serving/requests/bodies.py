"""JSON bodies of one field, and the errors that name what is wrong with them, for all readers of requests."""

from collections.abc import Mapping
from typing import Any

import orjson

from kit.server.errors import RequestError

# How the quality of requests counts a number that is not finite.
NONFINITE = {"nonfinite": 1}
LONGEST_NAME = 40
NAMES = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}


def parsed(text: bytes | bytearray, field: str) -> Any:
    """The JSON value of a field, or of the body. Raises RequestError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "invalid_json", field, f"expected JSON: {error}") from None


def only_field(document: Any, field: str, other: str) -> Any:
    """The value of the only field that a body has. Raises RequestError.

    Parameters
    ----------
    other : the field of the other endpoint, which a client may have meant.
    """
    if type(document) is not dict:
        raise invalid("body", f'expected an object with the field "{field}", got {json_kind(document)}')
    if field not in document:
        hint = f'; "{other}" belongs to the other endpoint' if other in document else ""
        raise invalid(field, f"missing{hint}")
    if len(document) > 1:
        surplus = next(name for name in document if name != field)
        raise invalid(_short(surplus), f'unknown field; the only field is "{field}"')
    return document[field]


def invalid(field: str, message: str, quality: Mapping[str, int] | None = None) -> RequestError:
    """The refusal of what a request has at this place."""
    return RequestError(422, "invalid_input", field, message, quality)


def json_kind(value: object) -> str:
    """What a JSON value is, in words: "a list"."""
    return NAMES.get(type(value), "a number")


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + "…"
