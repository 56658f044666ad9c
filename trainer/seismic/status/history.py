"""What was released and retrained, as the deployment and the retraining service wrote it into MLflow."""

from collections.abc import Mapping
from typing import Any

import orjson

SHOWN = 10


def events(tags: Mapping[str, str], prefix: str) -> tuple[dict[str, Any], ...]:
    """The newest events of one kind, newest first.

    Each is a tag of the registered model: its key is the prefix and an ISO 8601 time, so that keys sort by
    time, and its value a JSON object. `at` is taken from the key where the object has none. A value that is
    something else is told as `{"at", "unreadable"}`.
    """
    keys = sorted((key for key in tags if key.startswith(prefix)), reverse=True)[:SHOWN]
    return tuple(_event(key.removeprefix(prefix), tags[key]) for key in keys)


def _event(at: str, value: str) -> dict[str, Any]:
    try:
        event = orjson.loads(value)
    except orjson.JSONDecodeError:
        event = None
    if not isinstance(event, dict):
        return {"at": at, "unreadable": value[:200]}
    return {"at": at, **event}
