"""Fits the steps of a model to the matrix of features, one after the other."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

# Named steps of a pipeline: transformers, and last a classifier or a regressor.
type Named = Sequence[tuple[str, Any]]
# Makes the unfitted steps for parameters and a seed.
type Steps = Callable[[Mapping[str, Any], int], Named]


def fit_steps(steps: Named, features: np.ndarray, targets: np.ndarray) -> Named:
    """Fit the steps in place, to features (n, n_features) and targets (n,). Returns them.

    There are no warnings: too few iterations of logistic regression are a part of the search.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _, transformer in steps[:-1]:
            features = transformer.fit(features, targets).transform(features)
        steps[-1][1].fit(features, targets)
    return steps


def transformed(transformers: Named, rows: np.ndarray) -> np.ndarray:
    """The rows (n, n_values) after these fitted transformers, one after the other."""
    for _, transformer in transformers:
        rows = transformer.transform(rows)
    return rows


def predict_steps(steps: Named, features: np.ndarray) -> np.ndarray:
    """The predicted targets (n,) of fitted steps."""
    return steps[-1][1].predict(transformed(steps[:-1], features))
