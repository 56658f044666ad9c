"""The line of a run's section plot, and the numbers above it."""

from types import SimpleNamespace

import numpy as np
import pytest

from kit.learning.splits import Split
from seismic.data.survey import Survey
from seismic.judging.colours import USUAL
from seismic.judging.section import draw_section
from seismic.training import section
from seismic.training.data import SurveyData

LONG_NAME = "the flank of a salt dome"


def traces(count):
    return np.random.default_rng(6).normal(0, 1, (count, 5))


def held(survey, size, unit, blocks):
    """A split that holds out the labelled traces of these blocks."""
    numbers = survey.blocks(size, unit)
    out = np.isin(numbers, blocks)
    known = survey.labels >= 0
    return Split(np.flatnonzero(known & ~out), np.flatnonzero(known & out), numbers, size, unit)


@pytest.fixture
def line(tmp_path, write_segy):
    """A 2D line of 30 traces. Trace 13 (from 1) is not labelled, 14 is dead, 15 has a NaN."""
    samples = traces(30)
    samples[13], samples[14, 2] = 0, np.nan
    write_segy(tmp_path / "line.sgy", samples, cdps=range(500, 530))
    classes = ("anomaly", "normal")
    rows = [f"line.sgy,{trace},{classes[trace % 2]}" for trace in range(1, 31) if trace != 13]
    (tmp_path / "labels.csv").write_text("\n".join(["file,trace,label", *rows]))
    return Survey.open(tmp_path)


def test_a_2d_line_shows_whole_blocks_and_where_they_do_not_touch(line):
    shown = section.representative_line(line, held(line, 5, "trace", [0, 2, 3]))
    assert shown.numbers.tolist() == [*range(1, 6), *range(11, 21)]
    assert shown.rows.tolist() == [number - 1 for number in shown.numbers]
    assert shown.gaps.tolist() == [5]
    assert shown.title == "line.sgy, held out"


def test_an_inline_is_shown_as_far_as_it_is_held_out(grid):
    survey = Survey.open(grid)
    whole = section.representative_line(survey, held(survey, 1, "inline", [2]))
    assert (whole.numbers.tolist(), whole.gaps.tolist()) == ([100, 101, 102, 103, 104], [])
    part = section.representative_line(survey, held(survey, 1, "crossline", [0, 2, 4]))
    assert (part.numbers.tolist(), part.gaps.tolist()) == ([100, 102, 104], [1, 2])


def test_a_long_line_is_cut(line, monkeypatch):
    monkeypatch.setattr(section, "WIDEST_SECTION", 7)
    shown = section.representative_line(line, held(line, 5, "trace", [0, 2, 3]))
    assert (shown.numbers[-1], shown.gaps.tolist()) == (12, [5])


def test_no_class_is_shown_for_dead_and_nonfinite_traces(line, monkeypatch, tmp_path):
    drawn = {}
    monkeypatch.setattr(
        section, "draw_section", lambda *given: drawn.update(true=given[4], predicted=given[5])
    )
    pipeline = SimpleNamespace(predict=lambda given: np.full(len(given), LONG_NAME))
    split = held(line, 5, "trace", [2])
    trained = SimpleNamespace(split=split, pipeline=pipeline, classes=line.classes)
    section.draw_line(trained, SurveyData(line, {}), tmp_path)
    assert drawn["true"] == ["normal", "anomaly", "", "anomaly", "normal"]
    assert drawn["predicted"] == [LONG_NAME, LONG_NAME, LONG_NAME, "", ""]


def test_the_section_is_drawn_with_gaps_and_constant_samples(tmp_path):
    draw_section(
        np.zeros((6, 4)), 4000, np.arange(6), np.array([2, 4]), ["normal"] * 6, [""] * 6, USUAL,
        "line, held out", "trace", tmp_path / "section.png",
    )  # fmt: skip
    assert (tmp_path / "section.png").stat().st_size > 5_000
