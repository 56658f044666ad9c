"""Draws forecasts beside what came."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from kit.plots.style import GREY, STYLE, VERMILLION


def draw_week(hours: np.ndarray, series: Mapping[str, np.ndarray], path: Path) -> None:
    """Write a PNG of lines by their names, at hours (n,) that are counted from 1970-01-01T00:00Z."""
    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(9, 3.6))
        axes = drawing.subplots()
        times = hours.astype("datetime64[h]")
        for (name, values), colour in zip(series.items(), ("black", VERMILLION, GREY), strict=True):
            axes.plot(times, values, color=colour, lw=1 if colour == GREY else 1.4, label=name)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(AutoDateLocator()))
        axes.set(ylabel="demand", title="The last held-out week (UTC)")
        axes.grid(alpha=0.25)
        axes.legend(loc="upper left", ncols=3, frameon=False)
        drawing.savefig(path)
