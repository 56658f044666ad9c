"""The first step of the model: what of a window foretells the demand. Its module's name must never change."""

import math

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from forecast.settings import HISTORY

DAY = 24
WEEK = 7 * DAY
MONDAY = 4 * DAY  # 1970-01-01 was a Thursday, so the first Monday was the fifth day
VALUES = HISTORY + 2
# Rounded, because the last digit of a sine is another one on another processor.
CIRCLE = {
    period: np.array(
        [
            [round(turn(2 * math.pi * step / period), 9) for turn in (math.sin, math.cos)]
            for step in range(period)
        ]
    )
    for period in (DAY, WEEK)
}


def lags_of(horizon: int) -> list[int]:
    """How many hours before the forecast hour the history has the same hour of a day: seven numbers."""
    return [hours for hours in range(DAY, horizon + HISTORY, DAY) if hours >= horizon]


def column_of(lag: int, horizon: int) -> int:
    """The column of a row that has the demand so many hours before the forecast hour."""
    return HISTORY - 1 - (lag - horizon)


def names_of(horizon: int) -> tuple[str, ...]:
    """The names of a row's values. Models of different horizons take different values."""
    demand = tuple(f"demand {hours} h before" for hours in range(HISTORY - 1 + horizon, horizon - 1, -1))
    return (*demand, "hour", "temperature")


class WindowFeatures(TransformerMixin, BaseEstimator):
    """Lags, level, calendar and temperature of windows.

    A row has the demand of HISTORY hours, oldest first, the forecast hour, counted from 1970-01-01T00:00Z,
    and its temperature. The last known demand is `horizon` hours before the forecast hour.
    """

    def __init__(self, horizon: int = DAY):
        self.horizon = horizon

    def fit(self, rows: np.ndarray, targets: object = None) -> "WindowFeatures":
        """Nothing is learnt from the numbers."""
        self.n_features_in_ = rows.shape[1]
        return self

    @property
    def feature_names_in_(self) -> np.ndarray:
        """The names of a row's values, by which a champion of another horizon is told apart."""
        return np.array(names_of(self.horizon), dtype=object)

    def transform(self, rows: np.ndarray) -> np.ndarray:
        """Features (n, n_features) float64 of rows (n, VALUES)."""
        rows = np.ascontiguousarray(rows, dtype=np.float64)
        history, hours = rows[:, :HISTORY], rows[:, HISTORY].astype(int)
        columns = [
            history[:, [column_of(lag, self.horizon) for lag in lags_of(self.horizon)]],
            history[:, -1:],
            history[:, -DAY:].mean(axis=1, keepdims=True),
            history.mean(axis=1, keepdims=True),
            history.min(axis=1, keepdims=True),
            history.max(axis=1, keepdims=True),
            CIRCLE[DAY][hours % DAY],
            CIRCLE[WEEK][(hours - MONDAY) % WEEK],
            rows[:, HISTORY + 1 :],
        ]
        return np.hstack(columns)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """The names of the features."""
        lags = [f"lag_{lag}" for lag in lags_of(self.horizon)]
        level = ["last", "mean_day", "mean_week", "minimum", "maximum"]
        calendar = ["day_sin", "day_cos", "week_sin", "week_cos"]
        return np.array([*lags, *level, *calendar, "temperature"], dtype=object)
