"""The possible classifiers, and the parameters that the search varies."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

LOGISTIC = "logistic_regression"
BOOSTING = "hist_gradient_boosting"


@dataclass(frozen=True)
class Range:
    """A numeric parameter: the searched range (low to high), and a fixed value's range (least to most)."""

    low: float
    high: float
    least: float
    most: float
    whole: bool = False
    log: bool = False

    def suggest(self, trial: optuna.Trial, name: str) -> float:
        """Let Optuna choose a value."""
        suggest = trial.suggest_int if self.whole else trial.suggest_float
        return suggest(name, self.low, self.high, log=self.log)

    def check(self, name: str, value: Any) -> str | None:
        """The problem with a fixed value, or None."""
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, kinds) and not isinstance(value, bool) and self.least <= value <= self.most:
            return None
        what = "a whole number" if self.whole else "a number"
        return f"{name}: got {value!r}; expected {what} from {self.least} to {self.most}"


@dataclass(frozen=True)
class Choice:
    """A parameter with a few words as values."""

    words: tuple[str, ...]

    def suggest(self, trial: optuna.Trial, name: str) -> str:
        """Let Optuna choose a value."""
        return trial.suggest_categorical(name, self.words)

    def check(self, name: str, value: Any) -> str | None:
        """The problem with a fixed value, or None."""
        return None if value in self.words else f"{name}: got {value!r}; allowed: {', '.join(self.words)}"


# Narrow enough for 20 trials in under a minute on two cores for 20,000 traces.
SPACE: dict[str, dict[str, Range | Choice]] = {
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


def check_fixed(values: Mapping[str, Any]) -> None:
    """Check hyperparameters from the configuration.

    Raises
    ------
    ValueError
        with every problem; a problem begins with the name.
    """
    problems = []
    chosen = values.get("classifier")
    if chosen is not None and chosen not in SPACE:
        problems.append(f"classifier: got {chosen!r}; allowed: {', '.join(SPACE)}")
        chosen = None
    spaces = [SPACE[chosen]] if chosen else list(SPACE.values())
    known = {name: span for space in spaces for name, span in space.items()}
    for name, value in values.items():
        if name == "classifier":
            continue
        if name not in known:
            of = f"of {chosen}" if chosen else "of any classifier"
            problems.append(f"{name}: no parameter {of}; allowed: {', '.join(known)}")
        elif problem := known[name].check(name, value):
            problems.append(problem)
    if problems:
        raise ValueError("; ".join(problems))


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


def fit_classifier(classifier: ClassifierMixin, features: np.ndarray, labels: np.ndarray) -> ClassifierMixin:
    """Fit without warnings: too few iterations of logistic regression are a part of the search."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return classifier.fit(features, labels)
