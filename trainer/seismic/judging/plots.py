"""Draws the figures of a training run for people: without a window, without state, only PNG files."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from sklearn.metrics import PrecisionRecallDisplay, average_precision_score

from seismic.judging.evaluation import Scores

# Okabe and Ito's colours. Colour-blind people can tell them apart; jfly.uni-koeln.de/color
COLOURS = {"normal": "#999999", "anomaly": "#D55E00", "boundary": "#0072B2"}
UNLABELLED = "#FFFFFF"
SPARE = ("#009E73", "#CC79A7", "#E69F00")
CLIP_PERCENTILE = 99  # otherwise a few strong samples make a section pale
DOTS_PER_INCH = 120

STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "savefig.dpi": DOTS_PER_INCH,
}


def colour(name: str) -> str:
    """The colour of a class, the same in each figure."""
    return COLOURS.get(name) or SPARE[sum(name.encode()) % len(SPARE)]


def confusion(scores: Scores, path: Path) -> None:
    """Confusion matrix on the hold-out: counts, shaded by the share of the true class."""
    counts = scores.confusion
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.4))
        axes = figure.subplots()
        image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            axes.text(
                column, row, f"{count:,}\n{share[row, column]:.1%}",
                ha="center", va="center", color="white" if share[row, column] > 0.55 else "black",
            )  # fmt: skip
        ticks = range(len(scores.classes))
        axes.set_xticks(ticks, scores.classes)
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
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str], path: Path
) -> None:
    """Precision over recall. Each class is compared with the others."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.4))
        axes = figure.subplots()
        for column, name in enumerate(classes):
            truth = labels == name
            area = average_precision_score(truth, probabilities[:, column])
            PrecisionRecallDisplay.from_predictions(
                truth, probabilities[:, column], ax=axes, name=name, drop_intermediate=True,
                curve_kwargs={"color": colour(name), "linewidth": 1.8, "label": f"{name}, area {area:.3f}"},
            )  # fmt: skip
        axes.set(xlim=(0, 1.01), ylim=(0, 1.01), aspect="equal", xlabel="recall", ylabel="precision")
        axes.set_title("Precision and recall on the hold-out")
        axes.grid(alpha=0.25)
        # The legend is below, because the curve of a poorly found class is in the lower left corner.
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), frameon=False, fontsize=8, ncols=3)
        figure.savefig(path)


def tuning_history(history: Sequence[tuple[int, str, float]], path: Path) -> None:
    """Macro F1 of each trial, and the best so far; `history` comes from `tuning.Tuned`."""
    kinds = sorted({classifier for _, classifier, _ in history})
    scores = [score for *_, score in history]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7, 3.6))
        axes = figure.subplots()
        numbers = np.arange(1, len(history) + 1)
        axes.step(
            numbers, np.maximum.accumulate(scores), where="post", color="black", lw=1, label="best so far"
        )
        for kind, shade, marker in zip(kinds, ("#0072B2", "#E69F00"), ("o", "s"), strict=False):
            chosen = [(number + 1, score) for number, classifier, score in history if classifier == kind]
            axes.plot(*zip(*chosen, strict=True), marker, color=shade, label=kind.replace("_", " "))
        axes.set(xlabel="trial", ylabel="macro F1, cross-validated", title="Tuning")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.25)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        figure.savefig(path)


def class_balance(trained: dict[str, int], held_out: dict[str, int], path: Path) -> None:
    """The training traces and the held-out traces of each class."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 2.6))
        axes = figure.subplots()
        names = list(trained)[::-1]
        left = [trained[name] for name in names]
        right = [held_out[name] for name in names]
        shades = [colour(name) for name in names]
        axes.barh(names, left, color=shades)
        axes.barh(names, right, left=left, color=shades, alpha=0.45, hatch="///", edgecolor="white")
        for row, (first, second) in enumerate(zip(left, right, strict=True)):
            axes.text(first + second, row, f" {first:,} + {second:,}", va="center")
        axes.set(xlabel="traces: trained on (solid) + held out (hatched)", title="Classes")
        axes.margins(x=0.22)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        figure.savefig(path)


def section(
    traces: np.ndarray,
    interval_us: float,
    numbers: np.ndarray,
    gaps: np.ndarray,
    true: Sequence[str],
    predicted: Sequence[str],
    classes: Sequence[str],
    title: str,
    axis: str,
    path: Path,
) -> None:
    """One line as a variable-density section: positive red, negative blue, time downwards.

    Parameters
    ----------
    traces : (n, samples) array, in the order of `numbers`.
    interval_us : sampling interval in microseconds.
    numbers : (n,) numbers along the top.
    gaps : places of traces that are no neighbours of the trace before. A bar marks them.
    true, predicted : class of each trace. An unlabelled or dead trace has an empty text.
    axis : the meaning of the numbers along the top, such as "crossline".
    """
    count, samples = traces.shape
    milliseconds = samples * interval_us / 1000
    clip = float(np.percentile(np.abs(traces), CLIP_PERCENTILE)) or 1.0
    codes = {"": 0} | {name: index + 1 for index, name in enumerate(classes)}
    palette = ListedColormap([UNLABELLED, *(colour(name) for name in classes)])
    norm = BoundaryNorm(np.arange(len(codes) + 1) - 0.5, len(codes))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 6.4))
        strips = figure.subplots(3, 1, sharex=True, height_ratios=(1, 1, 22))
        for axes, what, names in zip(strips, ("true", "predicted"), (true, predicted), strict=False):
            row = np.array([[codes[name] for name in names]])
            axes.imshow(
                row, aspect="auto", cmap=palette, norm=norm, interpolation="nearest", extent=(0, count, 0, 1)
            )
            axes.set_yticks([0.5], [what])
            axes.tick_params(left=False, bottom=False, labelbottom=False)
            axes.spines[:].set_visible(True)
        axes = strips[2]
        image = axes.imshow(
            traces.T, aspect="auto", cmap="RdBu_r", vmin=-clip, vmax=clip, interpolation="bilinear",
            extent=(0, count, milliseconds, 0),
        )  # fmt: skip
        axes.spines[:].set_visible(True)
        # The time counts from the first sample, because recording may have begun later than the shot.
        axes.set_ylabel("time from the first sample, ms")
        axes.tick_params(bottom=False, labelbottom=False)
        ticks = np.unique(np.linspace(0, count - 1, min(count, 9)).round().astype(int))
        strips[0].tick_params(top=True, labeltop=True)
        strips[0].set_xticks(ticks + 0.5, [str(numbers[tick]) for tick in ticks])
        strips[0].set_xlabel(axis)
        strips[0].xaxis.set_label_position("top")
        for axes in strips:
            for gap in gaps:
                axes.axvline(gap, color="white", linewidth=5)
                axes.axvline(gap, color="black", linewidth=1)
        figure.colorbar(image, ax=strips[2], label="amplitude", pad=0.015, aspect=40)
        handles = [Patch(facecolor=colour(name), label=name) for name in classes]
        if "" in [*true, *predicted]:
            handles.append(Patch(facecolor=UNLABELLED, edgecolor="black", linewidth=0.6, label="no class"))
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
        figure.suptitle(title, fontweight="bold", fontsize=11, x=0.02, ha="left")
        figure.savefig(path)
