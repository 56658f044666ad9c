"""A window in the JSON of requests: a week of demand, and what is known of the hour to forecast."""

from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from forecast.features import VALUES
from forecast.settings import HISTORY
from kit.computing.float32 import short
from kit.serving.requests.json_rows import MAX_BATCH, JsonRows

HOUR = 3600
FIELD, FIELDS = "window", "windows"


def hours_of(time: str) -> int:
    """The hours from 1970-01-01T00:00Z to a time in ISO 8601. Raises ValueError for other texts."""
    try:
        at = datetime.fromisoformat(time)
        hours, rest = divmod(at.timestamp(), HOUR)
    except (ValueError, OverflowError):
        at, rest = None, 0
    if at is None or at.tzinfo is None or at.utcoffset() or rest:
        raise ValueError("expected a full hour in UTC, such as 2026-01-05T00:00:00Z")
    return int(hours)


def time_of(hours: float) -> str:
    """The time that `hours_of` reads."""
    return datetime.fromtimestamp(hours * HOUR, UTC).isoformat().replace("+00:00", "Z")


def _hour(time: str) -> str:
    hours_of(time)
    return time


class Window(BaseModel):
    """What a forecast needs to know."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    time: Annotated[str, AfterValidator(_hour), Field(description="The hour to forecast, in UTC")]
    history: list[float] = Field(
        min_length=HISTORY, max_length=HISTORY,
        description="Demand of successive hours, oldest first; the last one lies the horizon before `time`",
    )  # fmt: skip
    temperature: float = Field(description="Forecast of the temperature at `time`, in °C")


def json_rows(max_batch: int = MAX_BATCH) -> JsonRows[Window]:
    """The reader of windows."""
    return JsonRows(Window, _values, FIELD, FIELDS, VALUES, max_batch)


def to_json(_: Any, row: np.ndarray) -> dict[str, Any]:
    """A row (VALUES,) as the JSON of a window."""
    *history, hours, temperature = row
    return {
        "time": time_of(float(hours)),
        "history": [short(value) for value in history],
        "temperature": short(temperature),
    }


def from_json(_: Any, windows: list[Any]) -> np.ndarray:
    """Rows (n, VALUES) float32 of windows in JSON."""
    return json_rows().array(windows)


def _values(windows: list[Window]) -> np.ndarray:
    return np.array([[*each.history, hours_of(each.time), each.temperature] for each in windows])
