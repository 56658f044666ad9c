"""What differs between a classifier and a regressor in a training run."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, root_mean_squared_error

from kit.judging import classification, importance, regression
from kit.judging.bounds import HIGHER, LOWER
from kit.judging.comparison import Differences
from kit.judging.differences import aligned, of_classifiers, of_regressors
from kit.judging.names import FAMILIES, OF_CLASSIFIER, OF_REGRESSOR
from kit.plots import classification as classifier_plots
from kit.plots import regression as regressor_plots

# The same comparison has the same intervals, in each run.
BOOTSTRAP_SEED = 0
# Servers may round differently, so no rounding may change the class of a stored answer.
CLEAR = 1e-3


class Classification:
    """Predictions are probabilities. Targets are texts."""

    figure, word, better = "macroF1", "macro F1", HIGHER
    scoring = importance.OF_CLASSIFIER
    of_slices = ("macroF1", "accuracy")

    def classes(self, targets: np.ndarray) -> tuple[str, ...]:
        """In the order of scikit-learn's `classes_`."""
        return tuple(np.unique(targets).tolist())

    def names(self, classes: Collection[str]) -> list[str]:
        """Over all classes, and of each one."""
        single = (f"{measure}.{name}" for name in classes for measure in FAMILIES)
        return [*OF_CLASSIFIER, *single]

    def score(
        self, targets: np.ndarray, predictions: np.ndarray, classes: tuple[str, ...]
    ) -> classification.Scores:
        """See `kit.judging.classification.score`."""
        return classification.score(targets, predictions, classes)

    def score_slice(
        self, targets: np.ndarray, predictions: np.ndarray, classes: tuple[str, ...]
    ) -> dict[str, float]:
        """Of the classes that the slice has."""
        scores = classification.score(targets, predictions, classes, tuple(np.unique(targets).tolist()))
        return {"macroF1": scores.macro_f1, "accuracy": scores.accuracy}

    def search_score(self, targets: np.ndarray, predicted: np.ndarray) -> float:
        """Macro F1."""
        return f1_score(targets, predicted, average="macro", zero_division=0)

    def value(self, scores: classification.Scores) -> float:
        """Macro F1."""
        return scores.macro_f1

    def balance(self, train: np.ndarray, hold_out: np.ndarray) -> dict[str, Any]:
        """The number of rows of each class."""
        classes = np.union1d(train, hold_out).tolist()
        return {
            side: {name: int((targets == name).sum()) for name in classes}
            for side, targets in (("trained", train), ("heldOut", hold_out))
        }

    def groups(self, targets: np.ndarray, predictions: np.ndarray) -> list[np.ndarray]:
        """By true class, without the rows whose two likeliest classes are close."""
        second, best = np.sort(predictions, axis=1)[:, -2:].T
        clear = best - second > CLEAR
        return [np.flatnonzero(clear & (targets == name)) for name in np.unique(targets)]

    def differences(self, trained: Any, predictions: np.ndarray, classes: tuple[str, ...]) -> Differences:
        """A class that only one of the two knows has the probability 0 for the other."""
        own, every = trained.classes, tuple(sorted({*trained.classes, *classes}))
        ours, theirs = aligned(trained.predictions, own, every), aligned(predictions, classes, every)
        blocks = trained.split.blocks[trained.split.hold_out]
        return of_classifiers(trained.targets, ours, theirs, every, blocks, BOOTSTRAP_SEED)

    def draw(
        self, trained: Any, balance: Mapping[str, Any], shades: Mapping[str, str], rows: str, folder: Path
    ) -> None:
        """Confusion, precision and recall, reliability, and the balance of classes."""
        classifier_plots.confusion(trained.scores, folder / "confusion.png")
        classifier_plots.reliability(
            trained.targets, trained.predictions, trained.scores, folder / "reliability.png"
        )
        classifier_plots.precision_recall(
            trained.targets, trained.predictions, trained.classes, shades, folder / "precision_recall.png"
        )
        classifier_plots.class_balance(
            balance["trained"], balance["heldOut"], shades, folder / "classes.png", rows
        )


class Regression:
    """Predictions are values. Targets are float64."""

    figure, word, better = "rmse", "RMSE", LOWER
    scoring = importance.OF_REGRESSOR
    of_slices = ("rmse", "mae")

    def classes(self, targets: np.ndarray) -> tuple[str, ...]:
        """None."""
        return ()

    def names(self, classes: Collection[str]) -> list[str]:
        """Over all rows."""
        return list(OF_REGRESSOR)

    def score(
        self, targets: np.ndarray, predictions: np.ndarray, classes: tuple[str, ...]
    ) -> regression.Scores:
        """See `kit.judging.regression.score`."""
        return regression.score(targets, predictions[:, 0])

    def score_slice(
        self, targets: np.ndarray, predictions: np.ndarray, classes: tuple[str, ...]
    ) -> dict[str, float]:
        """Of the values."""
        scores = regression.score(targets, predictions[:, 0])
        return {"rmse": scores.rmse, "mae": scores.mae}

    def search_score(self, targets: np.ndarray, predicted: np.ndarray) -> float:
        """The root of the mean squared error."""
        return float(root_mean_squared_error(targets, predicted))

    def value(self, scores: regression.Scores) -> float:
        """The root of the mean squared error."""
        return scores.rmse

    def balance(self, train: np.ndarray, hold_out: np.ndarray) -> dict[str, Any]:
        """The number of rows, and the mean and the range of their targets."""
        return {
            side: {
                "rows": len(targets), "mean": float(targets.mean()), "min": float(targets.min()),
                "max": float(targets.max()),
            }
            for side, targets in (("trained", train), ("heldOut", hold_out))
        }  # fmt: skip

    def groups(self, targets: np.ndarray, predictions: np.ndarray) -> list[np.ndarray]:
        """Thirds of the range of predictions, because rounding changes a value little."""
        order = np.argsort(predictions[:, 0], kind="stable")
        return [np.sort(part) for part in np.array_split(order, 3)]

    def differences(self, trained: Any, predictions: np.ndarray, classes: tuple[str, ...]) -> Differences:
        """Of the values."""
        return of_regressors(
            trained.targets, trained.predictions[:, 0], predictions[:, 0],
            trained.split.blocks[trained.split.hold_out], BOOTSTRAP_SEED,
        )  # fmt: skip

    def draw(
        self, trained: Any, balance: Mapping[str, Any], shades: Mapping[str, str], rows: str, folder: Path
    ) -> None:
        """Predicted against true values, and the residuals."""
        true, values = trained.targets, trained.predictions[:, 0]
        regressor_plots.predicted(true, values, folder / "predicted.png")
        regressor_plots.residuals(true, values, folder / "residuals.png")
        blocks = trained.split.blocks[trained.split.hold_out]
        regressor_plots.residuals_in_order(true, values, blocks, folder / "residuals_in_order.png")


CLASSIFICATION = Classification()
REGRESSION = Regression()
