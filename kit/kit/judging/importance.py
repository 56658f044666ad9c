"""Which features a model relies on: the loss on held-out rows if a feature's values are shuffled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.inspection import permutation_importance

# The scores that are lost, by scikit-learn's names.
OF_CLASSIFIER, OF_REGRESSOR = "f1_macro", "neg_root_mean_squared_error"
REPEATS = 5
# Rows, and predictions of all features and repeats together. They bound the time to seconds.
MOST_ROWS, FEWEST_ROWS, MOST_PREDICTIONS = 2000, 100, 500_000


@dataclass(frozen=True)
class Importance:
    """The mean loss of a score, and its standard deviation over the repeats. The largest loss is first.

    A loss below 0 is chance. Features that say the same share their importance.
    """

    scoring: str
    rows: int
    repeats: int
    features: tuple[tuple[str, float, float], ...]

    def as_json(self) -> dict[str, Any]:
        """The content of importance.json."""
        return {
            "scoring": self.scoring, "rows": self.rows, "repeats": self.repeats,
            "features": [
                {"feature": name, "importance": mean, "std": deviation}
                for name, mean, deviation in self.features
            ],
        }  # fmt: skip


def permute(
    estimator: Any, features: np.ndarray, targets: np.ndarray, names: Sequence[str], scoring: str, seed: int
) -> Importance | None:
    """Shuffle one feature after another. None if there are too many features for the time.

    Parameters
    ----------
    estimator : fitted, with `predict` on features: the steps of the pipeline after those that make features.
    features : (n, len(names)) array of held-out rows. Rows at even distances are taken if there are too many.
    targets : (n,) array of classes or values.
    scoring : OF_CLASSIFIER, OF_REGRESSOR or another score of scikit-learn.

    Raises
    ------
    ValueError
        if the names do not fit the features.
    """
    if features.shape != (len(targets), len(names)):
        raise ValueError(
            f"the features have the shape {features.shape}; expected {(len(targets), len(names))}"
        )
    # The score is computed once more without shuffling.
    most = MOST_PREDICTIONS // (REPEATS * len(names) + 1)
    if most < min(FEWEST_ROWS, len(targets)):
        return None
    count = min(len(targets), MOST_ROWS, most)
    some = np.linspace(0, len(targets) - 1, count).round().astype(int)
    found = permutation_importance(
        estimator, features[some], targets[some], scoring=scoring, n_repeats=REPEATS, random_state=seed
    )
    order = np.argsort(-found.importances_mean, kind="stable")
    rows = [
        (str(names[at]), float(found.importances_mean[at]), float(found.importances_std[at])) for at in order
    ]
    return Importance(scoring, count, REPEATS, tuple(rows))
