"""Draws the figures of a regressor."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kit.judging.regression import score
from kit.plots.style import BLUE, GREY, STYLE, VERMILLION

# More points than these hide each other, and make a large file.
MOST_POINTS = 5000
# Beyond this number of blocks, lines between them would cover the points.
MOST_LINES = 60
BINS = 50


def predicted(true: np.ndarray, values: np.ndarray, path: Path, unit: str = "") -> None:
    """Predicted values over true values (n,), with the line of a perfect model. `unit` is the target's."""
    some = _some(len(true))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.8))
        axes = figure.subplots()
        axes.plot(true[some], values[some], ".", color=BLUE, alpha=_alpha(some.size), markeredgewidth=0)
        # Both axes have the same range, so a perfect model is the diagonal.
        low, high = _range(true, values)
        axes.plot((low, high), (low, high), color="black", linewidth=1, label="perfect")
        axes.set(
            xlim=(low, high), ylim=(low, high), aspect="equal", xlabel=_with_unit("true", unit),
            ylabel=_with_unit("predicted", unit), title=f"Hold-out, RMSE {score(true, values).rmse:.4g}",
        )  # fmt: skip
        axes.grid(alpha=0.25)
        axes.legend(loc="upper left", frameon=False)
        figure.savefig(path)


def residuals(true: np.ndarray, values: np.ndarray, path: Path, unit: str = "") -> None:
    """The distribution of predicted minus true."""
    errors, scores = values - true, score(true, values)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 3.6))
        axes = figure.subplots()
        axes.hist(errors, bins=BINS, color=BLUE)
        axes.axvline(0, color="black", linewidth=1, label="no error")
        axes.axvline(scores.bias, color=VERMILLION, linewidth=1.5, label=f"bias {scores.bias:.4g}")
        axes.set(
            xlabel=_with_unit("predicted - true", unit), ylabel="held-out rows",
            title=f"Residuals on the hold-out, MAE {scores.mae:.4g}",
        )  # fmt: skip
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.legend(frameon=False)
        figure.savefig(path)


def residuals_in_order(
    true: np.ndarray, values: np.ndarray, blocks: np.ndarray | None, path: Path, unit: str = ""
) -> None:
    """Predicted minus true in the order of the data, which shows errors that last, and errors that grow.

    Parameters
    ----------
    blocks : (n,) array, the block of each row, or None. A line parts neighbouring blocks.
    """
    errors, some = values - true, _some(len(true))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 3.6))
        axes = figure.subplots()
        axes.plot(some, errors[some], ".", color=BLUE, alpha=_alpha(some.size), markeredgewidth=0)
        axes.axhline(0, color="black", linewidth=1)
        _mean_line(axes, errors)
        if blocks is not None:
            edges = np.flatnonzero(np.asarray(blocks)[1:] != np.asarray(blocks)[:-1]) + 0.5
            for edge in edges if edges.size <= MOST_LINES else ():
                axes.axvline(edge, color=GREY, linewidth=0.8, linestyle=":")
        lines = "" if blocks is None else "; dotted: another block"
        axes.set(
            xlabel=f"held-out row, in the order of the data{lines}",
            ylabel=_with_unit("predicted - true", unit), title="Residuals in order",
        )  # fmt: skip
        axes.margins(x=0.01)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.legend(loc="upper left", frameon=False)
        figure.savefig(path)


def _mean_line(axes: Axes, errors: np.ndarray) -> None:
    """The running mean over a fiftieth of the rows."""
    width = max(1, len(errors) // BINS)
    mean = np.convolve(errors, np.ones(width) / width, mode="valid")
    axes.plot(np.arange(mean.size) + (width - 1) / 2, mean, color=VERMILLION, linewidth=1.5,
              label=f"mean of {width:,} rows")  # fmt: skip


def _some(rows: int) -> np.ndarray:
    """At most MOST_POINTS row numbers, at even distances."""
    return np.unique(np.linspace(0, rows - 1, min(rows, MOST_POINTS)).round().astype(int))


def _alpha(points: int) -> float:
    return float(np.clip(300 / points, 0.15, 0.8))


def _range(true: np.ndarray, predicted: np.ndarray) -> tuple[float, float]:
    low, high = float(min(true.min(), predicted.min())), float(max(true.max(), predicted.max()))
    margin = 0.03 * (high - low) or 1.0
    return low - margin, high + margin


def _with_unit(text: str, unit: str) -> str:
    return f"{text}, {unit}" if unit else text
