"""Reads `demand.csv`: successive hours with their demand, and a temperature that is known ahead."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forecast.settings import HISTORY
from forecast.windows import hours_of, time_of
from kit.contract.protocol import DataError
from kit.tables.reading import CsvTable, TableError, numbers, place

NAME = "demand.csv"
TIME, DEMAND, TEMPERATURE = "time", "demand", "temperature"
# Four weeks to learn from and one to hold out, besides the first week and the gap.
LEAST_ROWS = 5 * HISTORY


@dataclass(frozen=True)
class Series:
    """Hourly demand. See `kit.training.learner.Data`; row 0 is the first hour with a whole history.

    `first` counts hours from 1970-01-01T00:00Z. `demand` and `temperature` are (n_hours,) float64.
    """

    sha256: str
    first: int
    demand: np.ndarray
    temperature: np.ndarray
    horizon: int

    @property
    def before(self) -> int:
        """The number of hours before row 0."""
        return HISTORY - 1 + self.horizon

    @property
    def count(self) -> int:
        """The number of rows."""
        return self.demand.size - self.before

    @property
    def facts(self) -> Mapping[str, Any]:
        """The size of the series, and the horizon."""
        return {"hours": self.demand.size, "horizon": self.horizon}

    @property
    def quality(self) -> Mapping[str, Any]:
        """A series that could be read is whole."""
        return {
            "verdict": "pass",
            "from": time_of(self.first),
            "to": time_of(self.first + self.demand.size - 1),
        }

    def rows(self, where: np.ndarray) -> np.ndarray:
        """Windows, float32 (len(where), VALUES)."""
        history = np.lib.stride_tricks.sliding_window_view(self.demand, HISTORY)[where]
        at = where + self.before
        return np.column_stack([history, self.first + at, self.temperature[at]]).astype(np.float32)

    def targets(self, where: np.ndarray) -> np.ndarray:
        """The demand of the forecast hours, (len(where),) float64."""
        return self.demand[where + self.before]

    def described(self) -> list[str]:
        """The span of time, and the range of the demand."""
        quality, demand = self.quality, self.demand
        return [
            f"- {demand.size:,} hours, {quality['from']} to {quality['to']}, forecast {self.horizon} h ahead",
            f"- demand: mean {demand.mean():.4g}, from {demand.min():.4g} to {demand.max():.4g}",
        ]

    def doubts(self) -> list[str]:
        """None."""
        return []


def read(folder: Path, horizon: int) -> Series:
    """Read and check the series. Raises DataError with the place, what is there, and the remedy."""
    path = folder / NAME
    try:
        table = CsvTable(path)
        if set(table.columns) != {TIME, DEMAND, TEMPERATURE}:
            needs = f"needs {TIME}, {DEMAND} and {TEMPERATURE}"
            raise TableError(
                f"line 1: the columns are {', '.join(table.columns)}; {needs}: correct the header"
            )
        (cells,) = table.chunks()
        hours = _hours(cells[TIME])
        demand, temperature = numbers(cells[[DEMAND, TEMPERATURE]]).T.copy()
        if len(cells) < LEAST_ROWS + horizon:
            raise TableError(f"it has {len(cells)} hours; needs {LEAST_ROWS + horizon}: add earlier ones")
    except TableError as error:
        raise DataError(f"{path}: {error}") from None
    return Series(hashlib.sha256(path.read_bytes()).hexdigest(), hours[0], demand, temperature, horizon)


def _hours(times: Any) -> list[int]:
    """The hours of the times, each one hour after the one before."""
    hours: list[int] = []
    for line, time in times.items():
        try:
            hour = hours_of(time)
        except ValueError as error:
            raise TableError(f"{place(line, TIME)}: got {time!r}; {error}: correct it") from None
        if hours and hour != hours[-1] + 1:
            raise TableError(
                f"{place(line, TIME)}: got {time!r} after {time_of(hours[-1])!r}; needs "
                f"{time_of(hours[-1] + 1)!r}: sort the hours, give each once, and fill gaps"
            )
        hours.append(hour)
    return hours
