"""Draws the search for parameters."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from kit.judging.bounds import HIGHER
from kit.plots.style import BLUE, ORANGE, STYLE, colours


def tuning_history(
    history: Sequence[tuple[int, str, float]],
    path: Path,
    figure: str = "macro F1",
    better: str = HIGHER,
) -> None:
    """The figure of each trial, and the best one so far.

    Parameters
    ----------
    history : for each trial its number, the kind of its estimator, and its cross-validated figure.
    figure : the name of the figure, as people read it.
    better : HIGHER or LOWER, the better values of the figure.
    """
    kinds = sorted({kind for _, kind, _ in history})
    scores = [score for *_, score in history]
    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(7, 3.6))
        axes = drawing.subplots()
        numbers = np.arange(1, len(history) + 1)
        best = np.maximum if better == HIGHER else np.minimum
        axes.step(numbers, best.accumulate(scores), where="post", color="black", lw=1, label="best so far")
        shades = colours(kinds, dict(zip(kinds, (BLUE, ORANGE), strict=False)))
        for kind, marker in zip(kinds, itertools.cycle("os^Dv"), strict=False):
            chosen = [(number + 1, score) for number, other, score in history if other == kind]
            axes.plot(*zip(*chosen, strict=True), marker, color=shades[kind], label=kind.replace("_", " "))
        axes.set(xlabel="trial", ylabel=f"{figure}, cross-validated", title="Tuning")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.25)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        drawing.savefig(path)
