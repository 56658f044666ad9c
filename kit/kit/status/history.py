"""The releases and retrainings, as the deployment and the retraining service wrote them into MLflow."""

from collections.abc import Mapping
from typing import Any

import orjson

SHOWN = 10


def events(tags: Mapping[str, str], prefix: str) -> tuple[dict[str, Any], ...]:
    """The newest events of one kind, newest first.

    Each event is a tag of the registered model. Its key is the prefix and an ISO 8601 time, so that keys sort
    by time. Its value is a JSON object. If the object has no `at`, the key gives it. Any other value becomes
    `{"at", "unreadable"}`.
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
