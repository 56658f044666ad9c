"""Draws a line of the survey with its true and predicted classes, as a PNG file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from kit.plots.style import STYLE, legend_columns

UNLABELLED = "#FFFFFF"
CLIP_PERCENTILE = 99  # otherwise a few strong samples make a section pale


def draw_section(
    traces: np.ndarray,
    interval_us: float,
    numbers: np.ndarray,
    gaps: np.ndarray,
    true: Sequence[str],
    predicted: Sequence[str],
    shades: Mapping[str, str],
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
    shades : the colour of each class.
    axis : the meaning of the numbers along the top, such as "crossline".
    """
    count, samples = traces.shape
    milliseconds = samples * interval_us / 1000
    clip = float(np.percentile(np.abs(traces), CLIP_PERCENTILE)) or 1.0
    codes = {"": 0} | {name: index + 1 for index, name in enumerate(shades)}
    palette = ListedColormap([UNLABELLED, *shades.values()])
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
        handles = [Patch(facecolor=shade, label=name) for name, shade in shades.items()]
        if "" in [*true, *predicted]:
            handles.append(Patch(facecolor=UNLABELLED, edgecolor="black", linewidth=0.6, label="no class"))
        columns = legend_columns([handle.get_label() for handle in handles], 120)
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
        figure.suptitle(title, fontweight="bold", fontsize=11, x=0.02, ha="left")
        figure.savefig(path)
