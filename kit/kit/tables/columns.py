"""The first step of a table's model: it knows the columns by their names."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Columns(TransformerMixin, BaseEstimator):
    """Passes rows on as float64, and keeps the names of their columns with the model.

    Parameters
    ----------
    names : of the columns, in the order of a row's numbers.

    Attributes
    ----------
    n_features_in_ : the number of columns.
    feature_names_in_ : the names, (n_columns,) of str.
    """

    def __init__(self, names: Sequence[str] = ()):
        self.names = names

    def fit(self, rows: np.ndarray, targets: object = None) -> "Columns":
        """Check the number of columns of rows (n, n_columns). Nothing is learnt from the numbers."""
        if rows.ndim != 2 or rows.shape[1] != len(self.names):
            raise ValueError(f"rows have the shape {rows.shape}; expected (n, {len(self.names)})")
        self.n_features_in_ = len(self.names)
        return self

    @property
    def feature_names_in_(self) -> np.ndarray:
        """The columns' names."""
        return np.array(self.names, dtype=object)

    def transform(self, rows: Any) -> np.ndarray:
        """Rows (n, n_columns) as float64. A pandas DataFrame may have its columns in any order."""
        if hasattr(rows, "columns"):
            rows = rows[list(self.names)]
        # A model may add in another order if the numbers lie in another order.
        values = np.ascontiguousarray(rows, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise ValueError(f"rows have the shape {values.shape}; expected (n, {len(self.names)})")
        return values

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """The columns' names."""
        return self.feature_names_in_


def names_of(pipeline: Any) -> tuple[str, ...]:
    """The names of the columns that a pipeline takes, in their order."""
    return tuple(str(name) for name in pipeline.steps[0][1].get_feature_names_out())
