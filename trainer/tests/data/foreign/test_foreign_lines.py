"""Lines in other bytes than the standard names: found, or refused with what settles it."""

import numpy as np
import pytest

from seismic.data.survey import Survey, SurveyError

from .area import CROSSLINES, INLINES, NAMES, is_read, settings

PLACES = [
    (9, 21),
    (5, 21),
    (21, 9),
    (181, 185),
    (221, 225),
    (17, 13),
    (213, 217),
    (233, 237),
    (189, 21),
    (193, 189),
]


@pytest.mark.parametrize(("inline", "crossline"), PLACES)
@pytest.mark.parametrize("labelled_by", ["inline", "file"])
def test_lines_in_other_bytes_are_settled_by_settings(survey, traces, inline, crossline, labelled_by):
    fields = {inline: INLINES, crossline: CROSSLINES}
    if {inline, crossline} == {189, 193}:
        # With swapped lines, they are an area too.
        is_read(
            survey(inlines=None, crosslines=None, fields=fields), traces, inlineByte=193, crosslineByte=189
        )
        return
    folder = survey(inlines=None, crosslines=None, fields=fields)
    if labelled_by == "file":
        rows = "".join(f"a.sgy,{number},{name}\n" for number, name in enumerate(NAMES, 1))
        (folder / "labels.csv").write_text(f"file,trace,label\n{rows}")
    first, second = (9, 21) if (inline, crossline) == (21, 9) else tuple(sorted((inline, crossline)))
    if (inline, crossline) in ((17, 13), (189, 21)):
        first, second = (17, 13) if inline == 17 else (21, 189)
    with pytest.raises(
        SurveyError, match=rf"inlineByte: {first} and trainer.settings.crosslineByte: {second}"
    ):
        Survey.open(folder)
    is_read(folder, traces, inlineByte=inline, crosslineByte=crossline)


def test_who_says_that_there_are_no_lines_is_believed(survey):
    folder = survey(inlines=None, crosslines=None, fields={9: INLINES, 21: CROSSLINES})
    rows = "".join(f"a.sgy,{number},{name}\n" for number, name in enumerate(NAMES, 1))
    (folder / "labels.csv").write_text(f"file,trace,label\n{rows}")
    assert Survey.open(folder, settings(inlineByte=189, crosslineByte=193)).geometry_kind == "2D"


def test_lines_in_two_bytes_and_in_the_last_ones(survey, traces, patch):
    folder = survey()
    for trace in range(240):
        at = 3600 + trace * 496
        patch(folder / "a.sgy", at + 239, "h", INLINES[trace])
        patch(folder / "a.sgy", at + 71, "h", CROSSLINES[trace])
    is_read(folder, traces, inlineByte=239, crosslineByte=71)


@pytest.mark.parametrize(
    "fields",
    [
        {21: np.arange(240)},
        {5: np.arange(240), 21: np.arange(240)},
        {181: np.arange(240) * 25, 185: np.arange(240) * 12},
        # Shots along a line, and the midpoints that they share with their neighbours.
        {9: np.arange(240) // 8, 17: np.arange(240) // 8, 21: np.arange(240) // 8 * 2 + np.arange(240) % 8},
    ],
)
def test_what_is_a_line_is_read_as_one(survey, fields):
    folder = survey(inlines=None, crosslines=None, fields=fields)
    rows = "".join(f"a.sgy,{number},{name}\n" for number, name in enumerate(NAMES, 1))
    (folder / "labels.csv").write_text(f"file,trace,label\n{rows}")
    assert Survey.open(folder).geometry_kind in ("2D", "unstructured")
