"""What a training run asks of classification and of regression."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kit.judging.comparison import Differences


class Scores(Protocol):
    """Figures of one model on one hold-out."""

    def as_metrics(self) -> dict[str, float]:
        """The figures as MLflow's flat metrics."""

    def as_result(self) -> dict[str, Any]:
        """The figures for the result line."""


class Task(Protocol):
    """Classification or regression. Predictions are float64 (n, n_classes), or (n, 1) for a regressor.

    Attributes
    ----------
    figure, word : the name of the figure that the search optimizes, and what people call it.
    better : HIGHER or LOWER, the better values of the figure.
    scoring : the score of scikit-learn that features are measured by.
    of_slices : the names of the figures that a slice of the hold-out has.
    """

    figure: str
    word: str
    better: str
    scoring: str
    of_slices: tuple[str, ...]

    def classes(self, targets: np.ndarray) -> tuple[str, ...]:
        """The classes of targets (n,), in the order of the predictions' columns; none for a regressor."""

    def names(self, classes: Collection[str]) -> list[str]:
        """The names of the figures that any model of these classes has."""

    def score(self, targets: np.ndarray, predictions: np.ndarray, classes: tuple[str, ...]) -> Scores:
        """The figures of a candidate. Raises ValueError for predictions that are not finite."""

    def score_slice(
        self, targets: np.ndarray, predictions: np.ndarray, classes: tuple[str, ...]
    ) -> dict[str, float]:
        """The figures `of_slices` of some of the held-out rows."""

    def search_score(self, targets: np.ndarray, predicted: np.ndarray) -> float:
        """`figure` of true and predicted targets, both (n,)."""

    def value(self, scores: Any) -> float:
        """`figure` of scores."""

    def balance(self, train: np.ndarray, hold_out: np.ndarray) -> dict[str, Any]:
        """What is in the targets of both sides, for holdout.json."""

    def groups(self, targets: np.ndarray, predictions: np.ndarray) -> list[np.ndarray]:
        """Ascending numbers of the rows with a clear answer, in the groups that examples are taken of."""

    def differences(self, trained: Any, predictions: np.ndarray, classes: tuple[str, ...]) -> Differences:
        """The candidate's figures minus those of a champion with these predictions, with their intervals.

        `classes` are the champion's, in the order of its columns.
        """

    def draw(
        self, trained: Any, balance: Mapping[str, Any], shades: Mapping[str, str], rows: str, folder: Path
    ) -> None:
        """Draw the figures that any model of this kind has, as PNG. `rows` is what people call the rows."""
