"""Checks of what a trainer gives to a run: shapes, kinds and values.

A fault is in the trainer's code, and not in the data.
"""

import numpy as np

from kit.learning.fitting import transformed
from kit.training.learner import Features


class TrainerFault(Exception):
    """The trainer gives other things than it should. The message names what, and what is expected."""


def check_targets(targets: np.ndarray, rows: np.ndarray) -> None:
    """Raise TrainerFault unless these are targets of the rows: (n,) of str, or of finite float64."""
    _expect("Data.targets", "shape", targets.shape, rows.shape)
    if targets.dtype.kind == "U":
        return
    _expect("Data.targets", "type", str(targets.dtype), "float64, or texts for classes", "float64")
    _finite("Data.targets", targets)


def check_rows(rows: np.ndarray, count: int) -> None:
    """Raise TrainerFault unless these are raw rows: (count, n_values) of float32."""
    _expect("Data.rows", "dimensions", rows.ndim, 2)
    _expect("Data.rows", "rows", len(rows), count)
    _expect("Data.rows", "type", str(rows.dtype), "float32")


def check_features(features: Features, rows: np.ndarray) -> None:
    """Raise TrainerFault unless these are finite float64 features of the rows, with a name each."""
    _expect("Features.matrix", "shape", features.matrix.shape, (rows.size, len(features.names)))
    _expect("Features.matrix", "type", str(features.matrix.dtype), "float64")
    _finite("Features.matrix", features.matrix)


def check_steps(features: Features, raw: np.ndarray, places: np.ndarray) -> None:
    """Raise TrainerFault unless the steps make the features of raw rows, which are the ones at these places.

    Serving has only the steps, so a model would be judged by other features than it serves with.
    """
    made = transformed(features.steps, raw)
    if not np.allclose(made, features.matrix[places], rtol=1e-3, atol=1e-4):
        raise TrainerFault(
            "Features.matrix: it has other values than Features.steps make of the same rows: "
            "correct the trainer"
        )


def check_predictions(predictions: np.ndarray, count: int, classes: tuple[str, ...]) -> None:
    """Raise TrainerFault unless these are finite predictions, with a column for each class."""
    _expect("the model's predictions", "shape", predictions.shape, (count, len(classes) or 1))
    _finite("the model's predictions", predictions)


def _expect(what: str, kind: str, found: object, expected: object, allowed: object = None) -> None:
    if found != (expected if allowed is None else allowed):
        raise TrainerFault(f"{what}: got {kind} {found}; expected {expected}: correct the trainer")


def _finite(what: str, values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        wrong = int((~np.isfinite(values)).sum())
        raise TrainerFault(
            f"{what}: {wrong} of {values.size} values are NaN or infinite: correct the trainer"
        )
