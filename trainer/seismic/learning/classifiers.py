"""The possible classifiers, and the parameters that the search varies."""

from collections.abc import Mapping
from typing import Any

from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from kit.learning.space import Choice, Range, Space

LOGISTIC = "logistic_regression"
BOOSTING = "hist_gradient_boosting"

# Narrow enough for 20 trials in under a minute on two cores for 20,000 traces.
KINDS = {
    LOGISTIC: {
        "C": Range(1e-3, 1e2, 1e-9, 1e9, log=True),
        "max_iter": Range(100, 500, 1, 100_000, whole=True),
        "class_weight": Choice(("none", "balanced")),
    },
    # There are no class weights: they changed macro F1 on the demo survey by less than 0.01. With them,
    # scikit-learn 1.9 sorts each feature 255 times, so a fit of 11,000 traces takes 2.4 s instead of 0.6 s.
    BOOSTING: {
        "learning_rate": Range(0.05, 0.4, 1e-4, 1, log=True),
        "iterations": Range(40, 120, 1, 5000, whole=True),
        "leaves": Range(7, 31, 2, 4096, whole=True),
        "l2": Range(1e-3, 10.0, 0, 1e6, log=True),
    },
}

# The search starts with the usual settings of both classifiers.
STARTS: tuple[dict[str, Any], ...] = (
    {"classifier": BOOSTING, "learning_rate": 0.1, "iterations": 80, "leaves": 15, "l2": 0.1},
    {"classifier": LOGISTIC, "C": 1.0, "max_iter": 200, "class_weight": "balanced"},
)


SPACE = Space(KINDS, STARTS, "classifier")


def make_classifier(parameters: Mapping[str, Any], seed: int) -> ClassifierMixin:
    """An unfitted classifier with the chosen parameters (`classifier` and its own ones)."""
    if parameters["classifier"] == LOGISTIC:
        return LogisticRegression(
            C=parameters["C"],
            max_iter=parameters["max_iter"],
            class_weight=None if parameters["class_weight"] == "none" else parameters["class_weight"],
            random_state=seed,
        )
    return HistGradientBoostingClassifier(
        learning_rate=parameters["learning_rate"],
        max_iter=parameters["iterations"],
        max_leaf_nodes=parameters["leaves"],
        l2_regularization=parameters["l2"],
        # Early stopping would hold out single traces at random, which are copies of training traces.
        early_stopping=False,
        random_state=seed,
    )
