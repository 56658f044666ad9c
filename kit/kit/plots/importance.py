"""Draws the importance of features."""

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from kit.judging.importance import Importance
from kit.plots.style import BLUE, STYLE

MOST_BARS = 20
LONGEST_NAME = 40
WORDS = {"f1_macro": "macro F1", "neg_root_mean_squared_error": "RMSE"}


def feature_importance(importance: Importance, path: Path) -> None:
    """Bars of the most important features, with the standard deviation over the repeats."""
    shown = importance.features[:MOST_BARS][::-1]
    names = [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name, *_ in shown]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 1.3 + 0.24 * len(shown)))
        axes = figure.subplots()
        places = range(len(shown))
        axes.barh(
            places, [mean for _, mean, _ in shown], xerr=[deviation for *_, deviation in shown], color=BLUE,
            error_kw={"linewidth": 1},
        )  # fmt: skip
        axes.set_yticks(places, names)
        axes.axvline(0, color="black", linewidth=1)
        score = WORDS.get(importance.scoring, importance.scoring)
        every = len(importance.features)
        axes.set(
            xlabel=f"loss of {score} if the feature is shuffled, on {importance.rows:,} held-out rows",
            title=f"Features, the first {len(shown)} of {every}" if every > len(shown) else "Features",
        )
        figure.savefig(path)
