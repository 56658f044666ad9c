"""Draws the figures of a classifier."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import PrecisionRecallDisplay, average_precision_score

from kit.judging.classification import BINS, Scores, bins_of
from kit.plots.style import BLUE, GREY, STYLE

LARGEST = 4.0
# Classes of a confusion matrix with numbers, and with level names.
MOST_NUMBERED, MOST_LEVEL = 20, 6
# Rows of a bin, from which the share of right answers is worth a point.
FEWEST_IN_A_BIN = 5


def confusion(scores: Scores, path: Path) -> None:
    """Confusion matrix on the hold-out: counts, shaded by the share of the true class."""
    counts = scores.confusion
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with matplotlib.rc_context(STYLE):
        size = min(max(1.0, len(scores.classes) / MOST_LEVEL), LARGEST)
        figure = Figure(figsize=(5.2 * size, 4.4 * size))
        axes = figure.subplots()
        image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
        # Numbers of more classes would run into each other.
        for (row, column), count in np.ndenumerate(counts) if len(counts) <= MOST_NUMBERED else ():
            axes.text(
                column, row, f"{count:,}\n{share[row, column]:.1%}",
                ha="center", va="center", color="white" if share[row, column] > 0.55 else "black",
            )  # fmt: skip
        ticks = range(len(scores.classes))
        axes.set_xticks(ticks, scores.classes, rotation=90 if len(scores.classes) > MOST_LEVEL else 0)
        axes.set_yticks(ticks, scores.classes)
        axes.set(
            xlabel="predicted",
            ylabel="true",
            title=f"Hold-out, macro F1 {scores.macro_f1:.3f}",
        )
        axes.spines[:].set_visible(False)
        figure.colorbar(image, ax=axes, shrink=0.85, label="share of the true class", format="{x:.0%}")
        figure.savefig(path)


def precision_recall(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    shades: Mapping[str, str],
    path: Path,
) -> None:
    """Precision over recall. Each class of the hold-out is compared with the others.

    Parameters
    ----------
    labels : (n,) array of str
    probabilities : (n, len(classes)) array
    shades : the colour of each class, see `style.colours`.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.4))
        axes = figure.subplots()
        for column, name in enumerate(classes):
            truth = labels == name
            if not truth.any():
                continue
            area = average_precision_score(truth, probabilities[:, column])
            PrecisionRecallDisplay.from_predictions(
                truth, probabilities[:, column], ax=axes, name=name, drop_intermediate=True,
                curve_kwargs={"color": shades[name], "linewidth": 1.8, "label": f"{name}, area {area:.3f}"},
            )  # fmt: skip
        axes.set(xlim=(0, 1.01), ylim=(0, 1.01), aspect="equal", xlabel="recall", ylabel="precision")
        axes.set_title("Precision and recall on the hold-out")
        axes.grid(alpha=0.25)
        # The legend is below, because the curve of a poorly found class is in the lower left corner.
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), frameon=False, fontsize=8, ncols=3)
        figure.savefig(path)


def class_balance(
    trained: Mapping[str, int],
    held_out: Mapping[str, int],
    shades: Mapping[str, str],
    path: Path,
    unit: str = "rows",
) -> None:
    """The numbers of training rows and of held-out rows of each class. `unit` is the name of the rows."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, max(2.6, 0.9 + 0.28 * len(trained))))
        axes = figure.subplots()
        names = list(trained)[::-1]
        left = [trained[name] for name in names]
        right = [held_out[name] for name in names]
        fills = [shades[name] for name in names]
        axes.barh(names, left, color=fills)
        axes.barh(names, right, left=left, color=fills, alpha=0.45, hatch="///", edgecolor="white")
        for row, (first, second) in enumerate(zip(left, right, strict=True)):
            axes.text(first + second, row, f" {first:,} + {second:,}", va="center")
        axes.set(xlabel=f"{unit}: trained on (solid) + held out (hatched)", title="Classes")
        axes.margins(x=0.22)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        figure.savefig(path)


def reliability(labels: np.ndarray, probabilities: np.ndarray, scores: Scores, path: Path) -> None:
    """The share of right answers over the probability of the predicted class, and the number of answers.

    Parameters
    ----------
    labels : (n,) array of str
    probabilities : (n, len(scores.classes)) array
    """
    sure = probabilities.max(axis=1)
    right = labels == np.asarray(scores.classes)[probabilities.argmax(axis=1)]
    bins = bins_of(sure)
    rows = np.bincount(bins, minlength=BINS)
    shown = rows >= FEWEST_IN_A_BIN
    means = [np.bincount(bins, each, BINS)[shown] / rows[shown] for each in (sure, right)]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 5.4))
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        axes.plot((0, 1), (0, 1), color="black", linewidth=1, linestyle="--", label="perfectly calibrated")
        axes.plot(*means, "o-", color=BLUE, linewidth=1.8, label="this model")
        title = f"Calibration on the hold-out, error {scores.calibration_error:.3f}"
        axes.set(xlim=(0, 1.01), ylim=(0, 1.01), ylabel="share of right answers", title=title)
        axes.grid(alpha=0.25)
        axes.legend(loc="upper left", frameon=False)
        below.bar((np.arange(BINS) + 0.5) / BINS, rows, width=0.9 / BINS, color=GREY)
        below.set(xlabel="probability of the predicted class", ylabel="rows")
        below.yaxis.set_major_formatter("{x:,.0f}")
        figure.savefig(path)
