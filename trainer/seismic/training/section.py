"""The section plot of a run: held-out traces of one line, with true and predicted classes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kit.learning.splits import Split
from kit.plots.style import colours
from kit.training.trained import Trained
from seismic.data.survey import Survey
from seismic.judging.colours import chosen
from seismic.judging.section import draw_section
from seismic.training.data import SurveyData

# A 2D line may have a million traces, but a picture only a thousand columns.
WIDEST_SECTION = 4000
SECTION_SAMPLES = 20_000_000


@dataclass(frozen=True)
class Line:
    """Held-out traces of one line from left to right.

    `rows` are their numbers in the survey, and `numbers` the numbers above them. `gaps` are the places in
    both without a neighbour to the left, because the traces between were training traces.
    """

    rows: np.ndarray
    numbers: np.ndarray
    gaps: np.ndarray
    title: str


def representative_line(survey: Survey, split: Split) -> Line:
    """The held-out part of the inline or 2D line with the most even mix of held-out classes."""
    area = survey.geometry_kind == "3D"
    lines = survey.geometry["inline" if area else "file"]
    held = lines[split.hold_out]

    def evenness(line: int) -> tuple[int, int]:
        counts = np.bincount(survey.labels[split.hold_out[held == line]], minlength=len(survey.classes))
        return int(counts.min()), int((counts > 0).sum())

    line = max(np.unique(held).tolist(), key=evenness)
    whole = np.flatnonzero(lines == line)
    numbers = survey.geometry["crossline" if area else "trace"][whole] + (0 if area else 1)
    order = np.argsort(numbers, kind="stable")
    whole, numbers = whole[order], numbers[order]
    # Show all traces of the blocks. Labelled traces alone would look like neighbours.
    places = np.flatnonzero(np.isin(split.blocks[whole], split.blocks[split.hold_out]))
    places = places[: max(1, min(WIDEST_SECTION, SECTION_SAMPLES // survey.n_samples))]
    gaps = np.flatnonzero(np.diff(places) > 1) + 1
    title = f"Inline {line}" if area else survey.files[line].name
    return Line(whole[places], numbers[places], gaps, f"{title}, held out")


def draw_line(trained: Trained, data: SurveyData, folder: Path) -> None:
    """Write section.png."""
    survey = data.survey
    line = representative_line(survey, trained.split)
    traces = survey.read(line.rows)
    true = ["" if code < 0 else survey.classes[code] for code in survey.labels[line.rows]]
    # A prediction for a trace that training leaves out has no meaning.
    predicted = np.full(line.rows.size, "", dtype=object)
    usable = survey.usable[line.rows]
    predicted[usable] = trained.pipeline.predict(traces[usable])
    # The model's classes choose first, as in the other plots, where a class without training traces is not.
    others = [name for name in survey.classes if name not in trained.classes]
    shades = colours([*trained.classes, *others], chosen(survey.settings))
    draw_section(
        np.nan_to_num(traces, posinf=0, neginf=0), survey.interval_us, line.numbers, line.gaps, true,
        predicted.tolist(), {name: shades[name] for name in survey.classes}, line.title,
        "crossline" if survey.geometry_kind == "3D" else "trace", folder / "section.png",
    )  # fmt: skip
