"""Headers as other software and other times wrote them: read rightly, or refused with what settles it."""

import pytest

from seismic.data.survey import Survey, SurveyError

from .area import is_read


@pytest.mark.parametrize("fill", [0x00, 0x20, 0x40, 0x04, 0x7F, 0xFF])
@pytest.mark.parametrize("format", [1, 5])
@pytest.mark.parametrize("endian", ["big", "little"])
def test_what_fills_the_header_of_old_files_counts_for_nothing(survey, traces, fill, format, endian):
    assert is_read(survey(fill=fill, format=format, endian=endian), traces).notes == ()


def test_extended_headers_that_are_not_there_are_told(survey, traces, patch):
    folder = survey(revision=1)
    patch(folder / "a.sgy", 3505, "h", 2)
    assert "none of the 2 extended textual headers" in is_read(folder, traces).notes[0]


# In the binary header, and in the traces.
INTERVALS = [
    (65534, 4000),
    (61536, 4000),
    (0, 4000),
    (4, 4000),
    (4000, 0),
    (4000, 4),
    (4000, 65534),
    (0x4040, 4000),
    (4000, 0x2020),
    (4000, 4000),
]


@pytest.mark.parametrize(("stated", "of_traces"), INTERVALS)
def test_of_two_intervals_the_possible_one_counts(survey, traces, stated, of_traces):
    notes = is_read(survey(interval_us=stated, trace_interval_us=of_traces), traces).notes
    assert len(notes) == len({stated, of_traces} - {0, 4000, 0x4040, 0x2020})
    assert all("4000 microseconds is taken" in note for note in notes)


@pytest.mark.parametrize(
    ("stated", "of_traces", "says"),
    [
        (2000, 4000, r"is 2000 in the binary header .* and 4000 in the traces .* both are possible"),
        (4, 4, r"is 4 in the binary header .* and 4 in the traces .* none is from 50 to 20000"),
        (4, 0, r"is 4 in the binary header .* none is from"),
        (0, 65534, r"and 65534 in the traces .* none is from"),
        (0, 0, r"the sample interval is 0"),
        (0x4040, 0x4040, r"the sample interval is 0"),
        (0x2020, 0, r"the sample interval is 0"),
    ],
)
def test_an_interval_that_cannot_be_known_is_settled_by_a_setting(survey, traces, stated, of_traces, says):
    folder = survey(interval_us=stated, trace_interval_us=of_traces)
    with pytest.raises(SurveyError, match=rf"a\.sgy: .*{says}.*trainer\.settings\.sampleInterval"):
        Survey.open(folder)
    is_read(folder, traces, sampleInterval=4000)


def test_an_interval_that_changes_on_the_way_is_refused(survey, patch):
    folder = survey()
    patch(folder / "a.sgy", 3600 + 239 * (240 + 256) + 117, "H", 2000)
    with pytest.raises(SurveyError, match=r"4000 in the binary header .* 4000, 2000 in the traces"):
        Survey.open(folder)
