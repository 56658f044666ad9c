"""Measures how good a regressor is: figures on the hold-out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    r2_score,
    root_mean_squared_error,
)

# A target that is smaller than this share of the mean size would rule the mean of the relative errors.
NEAR_ZERO = 0.01


@dataclass(frozen=True)
class Scores:
    """Figures of one model on one hold-out of `support` rows.

    `rmse`, `mae` and `bias` have the unit of the target. `bias` is the mean of predicted minus true. `r2` is
    None if all targets are equal. `mape`, a share of the target, is None if a target is near 0.
    """

    rmse: float
    mae: float
    bias: float
    support: int
    r2: float | None = None
    mape: float | None = None

    def as_metrics(self) -> dict[str, float]:
        """The figures as MLflow's flat metrics."""
        return self.as_result()

    def as_result(self) -> dict[str, Any]:
        """The figures for the trainer's result line, without those that have no meaning here."""
        figures = {
            "rmse": self.rmse, "mae": self.mae, "r2": self.r2, "bias": self.bias, "mape": self.mape,
            "support": self.support,
        }  # fmt: skip
        return {name: value for name, value in figures.items() if value is not None}


def score(true: np.ndarray, predicted: np.ndarray) -> Scores:
    """Compare predicted values with the truth.

    Parameters
    ----------
    true, predicted : (n,) arrays of numbers, of at least one row.

    Raises
    ------
    ValueError
        if a value is not finite: such a model must not be registered. If the shapes do not fit.
    """
    true = _checked("the targets", true)
    predicted = _checked("the predicted values", predicted)
    if true.shape != predicted.shape:
        raise ValueError(
            f"the model predicts {predicted.size} values for {true.size} rows; expected one value for a row"
        )
    return Scores(
        rmse=float(root_mean_squared_error(true, predicted)),
        mae=float(mean_absolute_error(true, predicted)),
        bias=float(np.mean(predicted - true)),
        support=int(true.size),
        r2=float(r2_score(true, predicted)) if np.ptp(true) > 0 else None,
        mape=float(mean_absolute_percentage_error(true, predicted)) if has_no_zero(true) else None,
    )


def has_no_zero(true: np.ndarray) -> bool:
    """Whether all targets are far enough from 0 for relative errors."""
    size = np.abs(true)
    return bool(size.min() > NEAR_ZERO * size.mean())


def _checked(what: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"{what} have the shape {values.shape}; expected one number for each of the rows")
    if values.dtype.kind not in "iuf":
        raise ValueError(f"{what} are of the type {values.dtype}; expected numbers")
    if wrong := int((~np.isfinite(values)).sum()):
        raise ValueError(f"{what} are not finite in {wrong} of {values.size} rows")
    return values.astype(np.float64)
