"""Measures how good a classifier is: figures on the hold-out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from kit.judging.names import ROC_AUC, metric_name

# As many training traces are scored, for the gap between training and hold-out. It bounds the time.
MOST_SCORED = 20_000
# Bins of equal width from 0 to 1, for the calibration. The usual number.
BINS = 10


@dataclass(frozen=True)
class Scores:
    """Figures of one model on one hold-out.

    `classes` are the judged classes. `confusion` has true classes as rows and predicted classes as columns,
    both in the order of `classes`. `per_class` has precision, recall, f1 and support for each class, and
    rocAuc (one class versus the rest) unless the hold-out lacks the class or has no other. `roc_auc` is the
    mean of the classes' values, or None if one of them has none. `calibration_error` is the expected one, and
    `brier` goes from 0 to 1 for any number of classes.
    """

    classes: tuple[str, ...]
    accuracy: float
    macro_f1: float
    weighted_f1: float
    log_loss: float
    per_class: dict[str, dict[str, float]]
    confusion: np.ndarray
    roc_auc: float | None
    calibration_error: float
    brier: float

    def as_metrics(self) -> dict[str, float]:
        """The figures as MLflow's flat metrics: `macro_f1`, `recall_boundary`, ..."""
        flat = {
            f"{metric_name(measure)}_{name}": value
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
            **{metric_name(name): value for name, value in self._of_probabilities().items()},
        }

    def as_result(self) -> dict[str, Any]:
        """The figures for the trainer's result line."""
        return {
            "macroF1": self.macro_f1,
            "weightedF1": self.weighted_f1,
            "accuracy": self.accuracy,
            "logLoss": self.log_loss,
            "perClass": self.per_class,
            **self._of_probabilities(),
        }

    def _of_probabilities(self) -> dict[str, float]:
        area = {} if self.roc_auc is None else {ROC_AUC: self.roc_auc}
        return {**area, "calibrationError": self.calibration_error, "brier": self.brier}


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
        if a probability is not finite: such a model must not be registered. If the shapes do not fit.
    """
    if probabilities.shape != (len(labels), len(classes)):
        raise ValueError(
            f"the model predicts probabilities of shape {probabilities.shape}; expected one row for each of "
            f"{len(labels)} labels, and one column for each of {len(classes)} classes"
        )
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
    areas = roc_areas(labels, probabilities, classes, judged)
    for name, area in areas.items():
        per_class[name][ROC_AUC] = area
    return Scores(
        classes=judged,
        accuracy=float(accuracy_score(labels, predicted)),
        macro_f1=float(np.mean(f1)),
        weighted_f1=float(np.average(f1, weights=support)),
        log_loss=float(log_loss(labels, probabilities, labels=classes)),
        per_class=per_class,
        confusion=confusion_matrix(labels, predicted, labels=names),
        roc_auc=float(np.mean(list(areas.values()))) if len(areas) == len(judged) else None,
        calibration_error=calibration_error(labels == predicted, probabilities.max(axis=1)),
        brier=float(brier_score_loss(labels, probabilities, labels=list(classes), scale_by_half=True)),
    )


def roc_areas(
    labels: np.ndarray, probabilities: np.ndarray, classes: tuple[str, ...], judged: tuple[str, ...]
) -> dict[str, float]:
    """The area under the ROC curve of each judged class versus the rest, without classes that have none."""
    found = {}
    for name in judged:
        truth = labels == name
        if truth.any() and not truth.all():
            found[name] = float(roc_auc_score(truth, probabilities[:, classes.index(name)]))
    return found


def bins_of(sure: np.ndarray) -> np.ndarray:
    """The number of the bin (0 to BINS - 1) of each probability, for the calibration."""
    return np.minimum((sure * BINS).astype(int), BINS - 1)


def calibration_error(right: np.ndarray, sure: np.ndarray) -> float:
    """The expected calibration error: how far a model's probabilities are from the share of right answers.

    Parameters
    ----------
    right : (n,) array of bool, whether the predicted class is the true one.
    sure : (n,) array, the probability of the predicted class.
    """
    # In each bin, the sum of the gaps is the gap of the means times the number of rows.
    gaps = np.bincount(bins_of(sure), weights=right - sure, minlength=BINS)
    return float(np.abs(gaps).sum() / len(sure))


def sample(rows: np.ndarray) -> np.ndarray:
    """At most MOST_SCORED of the rows (n,), at even distances, so always the same ones."""
    return rows[np.linspace(0, rows.size - 1, min(rows.size, MOST_SCORED)).astype(int)]


def other_classes(version: str, known: Collection[str], labelled: Collection[str]) -> str:
    """The differences between a champion's classes and those of the labels, as one sentence; else empty.

    Parameters
    ----------
    version : the champion's.
    known : its classes.
    labelled : the classes of the held-out rows.
    """
    unknown = sorted(set(labelled) - set(known))
    unused = sorted(set(known) - set(labelled))
    parts = []
    if unknown:
        what = "it" if len(unknown) == 1 else "them"
        parts.append(f"does not know {_listed(unknown)}, so it cannot find {what}")
    if unused:
        parts.append(f"knows {_listed(unused)}, which nothing in the hold-out has")
    return f"the champion (version {version}) {', and '.join(parts)}" if parts else ""


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"the classes {', '.join(first)} and {last}" if first else f"the class {last}"
