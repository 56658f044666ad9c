"""Measures how good a classifier is: figures on the hold-out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
)

# As many training traces are scored, for the gap between training and hold-out. It bounds the time.
MOST_SCORED = 20_000


@dataclass(frozen=True)
class Scores:
    """Figures of one model on one hold-out.

    `classes` are the judged classes. `confusion` has true classes as rows and predicted classes as columns,
    both in the order of `classes`. `per_class` has precision, recall, f1 and support for each class.
    """

    classes: tuple[str, ...]
    accuracy: float
    macro_f1: float
    weighted_f1: float
    log_loss: float
    per_class: dict[str, dict[str, float]]
    confusion: np.ndarray

    def as_metrics(self) -> dict[str, float]:
        """The figures as MLflow's flat metrics: `macro_f1`, `recall_boundary`, ..."""
        flat = {
            f"{measure}_{name}": value
            for name, measures in self.per_class.items()
            for measure, value in measures.items()
        }
        return {
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            # People look for the name f1. The gate judges by the macro average.
            "f1": self.macro_f1,
            "weighted_f1": self.weighted_f1,
            "log_loss": self.log_loss,
            **flat,
        }

    def as_result(self) -> dict[str, Any]:
        """The figures for the trainer's result line."""
        return {
            "macroF1": self.macro_f1,
            "weightedF1": self.weighted_f1,
            "accuracy": self.accuracy,
            "logLoss": self.log_loss,
            "perClass": self.per_class,
        }


def score(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: tuple[str, ...],
    judged: tuple[str, ...] | None = None,
) -> Scores:
    """Compare predicted probabilities with the truth.

    Parameters
    ----------
    labels : (n,) array of str
    probabilities : (n, len(classes)) array. Its columns are in the order of `classes`, which are the
        model's `classes_`, so alphabetical.
    judged : the classes of the figures, all if None. A prediction of another class is simply wrong.

    Raises
    ------
    ValueError
        if a probability is not finite: such a model must not be registered.
    """
    if not np.isfinite(probabilities).all():
        raise ValueError("the model predicts probabilities that are not finite")
    predicted = np.asarray(classes)[probabilities.argmax(axis=1)]
    judged = classes if judged is None else judged
    names = np.asarray(judged)
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=names, zero_division=0
    )
    per_class = {
        name: {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1[i]),
            "support": int(support[i]),
        }
        for i, name in enumerate(judged)
    }
    return Scores(
        classes=judged,
        accuracy=float(accuracy_score(labels, predicted)),
        macro_f1=float(np.mean(f1)),
        weighted_f1=float(np.average(f1, weights=support)),
        log_loss=float(log_loss(labels, probabilities, labels=classes)),
        per_class=per_class,
        confusion=confusion_matrix(labels, predicted, labels=names),
    )


def sample(rows: np.ndarray) -> np.ndarray:
    """At most MOST_SCORED of the rows (n,), at even distances, so always the same ones."""
    return rows[np.linspace(0, rows.size - 1, min(rows.size, MOST_SCORED)).astype(int)]
