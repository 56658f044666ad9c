"""LightGBM as a model that is data: a text, and numbers. Its module's name must never change."""

import functools

import lightgbm
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

# With these, LightGBM learns the same on any machine. The kit fits several models at once, in a thread each.
FIXED = {
    "objective": "regression", "deterministic": True, "force_row_wise": True, "num_threads": 1,
    "verbosity": -1,
}  # fmt: skip


class BoostedTrees(RegressorMixin, BaseEstimator):
    """Gradient boosting by LightGBM.

    Attributes
    ----------
    text_ : LightGBM's text of the learnt trees. Its Booster is an object of C++, with no canonical form.
    """

    def __init__(
        self, trees: int = 300, leaves: int = 31, learning_rate: float = 0.05, rows: int = 20, seed: int = 0
    ):
        self.trees = trees
        self.leaves = leaves
        self.learning_rate = learning_rate
        self.rows = rows
        self.seed = seed

    def fit(self, features: np.ndarray, targets: np.ndarray) -> "BoostedTrees":
        """Learn from features (n, n_features) and targets (n,)."""
        given = {
            "num_leaves": self.leaves, "learning_rate": self.learning_rate, "min_data_in_leaf": self.rows,
            "seed": self.seed, **FIXED,
        }  # fmt: skip
        data = lightgbm.Dataset(features, targets, params=given)
        self.text_ = lightgbm.train(given, data, self.trees).model_to_string()
        self.n_features_in_ = features.shape[1]
        return self

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Values (n,) of features (n, n_features)."""
        return booster(self.text_).predict(features, num_threads=1)


# It is no attribute of the estimator, because it would be a part of the hash, and would not be stored.
@functools.lru_cache(maxsize=8)
def booster(text: str) -> lightgbm.Booster:
    """The Booster of a text, which several threads may use.

    LightGBM parses the text in C++, which a forged text could harm. The kit checks the model's hash, which
    covers the text, before the model predicts for the first time.
    """
    return lightgbm.Booster(model_str=text)
