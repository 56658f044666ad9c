"""The package of a small trainer: its models hold a class of its own."""

from pathlib import Path
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from kit.registry.model_code import ModelCode


class Halved(TransformerMixin, BaseEstimator):
    """Halves every number."""

    def fit(self, rows: np.ndarray, labels: object = None) -> Self:
        """Learn the number of columns."""
        self.n_features_in_ = rows.shape[1]
        return self

    def transform(self, rows: np.ndarray) -> np.ndarray:
        """The halves of (n, k)."""
        return rows / 2


MODEL_CODE = ModelCode(Path(__file__).parent, frozenset({"small.Halved"}), ("numpy", "skops"))
