"""Surveys of other software and other times: read correctly, or refused with the remedy."""

import json
from pathlib import Path

import numpy as np
import pytest

from seismic.data.settings import TrainerSettings
from seismic.data.survey import Survey, SurveyError

INLINES = np.repeat(np.arange(100, 112), 20)
CROSSLINES = np.tile(np.arange(500, 520), 12)
NAMES = np.array(["normal", "anomaly", "boundary"])[(INLINES // 2 + CROSSLINES // 3) % 3]
ZEROS = [0] * len(INLINES)


@pytest.fixture(scope="module")
def traces():
    """240 traces of 64 samples, for an area of 12 x 20."""
    rng = np.random.default_rng(1)
    waves = np.sin(np.arange(64) * rng.uniform(0.2, 1.2, (240, 1)))
    return ((waves + 0.2 * rng.standard_normal((240, 64))) * 1000).astype(np.float32)


@pytest.fixture
def survey(tmp_path, write_segy, traces):
    """Writes the area and its labels, with the given oddities."""

    def write(**odd) -> Path:
        write_segy(tmp_path / "a.sgy", traces, **{"inlines": INLINES, "crosslines": CROSSLINES, **odd})
        rows = zip(INLINES, CROSSLINES, NAMES, strict=True)
        lines = [f"{inline},{crossline},{name}" for inline, crossline, name in rows]
        (tmp_path / "labels.csv").write_text("\n".join(["inline,crossline,label", *lines]) + "\n")
        return tmp_path

    return write


def settings(**given):
    return TrainerSettings.parse(json.dumps(given))


def is_read(folder, traces, **given):
    opened = Survey.open(folder, settings(**given))
    assert (opened.geometry_kind, opened.interval_us) == ("3D", 4000)
    np.testing.assert_allclose(opened.read(np.arange(240)), traces, rtol=2**-20)
    np.testing.assert_array_equal(opened.geometry["inline"], INLINES)
    assert (opened.labels >= 0).all()
    return opened


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


@pytest.mark.parametrize(("written", "declared"), [(5, 1), (1, 5), (5, 2), (1, 2), (2, 5), (2, 1)])
@pytest.mark.parametrize("endian", ["big", "little"])
def test_samples_of_another_format_than_declared_are_refused(survey, traces, written, declared, endian):
    folder = survey(format=written, code=declared, endian=endian)
    with pytest.raises(SurveyError, match=rf"3225-3226 are {declared}\).*trainer\.settings\.sampleFormat"):
        Survey.open(folder)
    expected = traces.astype(int) if written == 2 else traces
    np.testing.assert_allclose(
        Survey.open(folder, settings(sampleFormat=written)).read(np.arange(240)), expected, rtol=2**-20
    )
    # A user who declares the format is believed.
    Survey.open(folder, settings(sampleFormat=declared))


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1, 30, 1e6, 1e12])
@pytest.mark.parametrize("format", [1, 2, 5, 6])
def test_samples_of_any_size_are_what_they_are_declared_as(tmp_path, write_segy, traces, format, scale):
    scaled = np.round(traces) if format == 2 else traces / 1000 * scale
    scaled[:40] *= np.exp(-np.arange(64) / 8)
    scaled[40:60, :20] = -999.25
    write_segy(tmp_path / "a.sgy", scaled, format=format)
    Survey.open(tmp_path, labelled=False)


@pytest.mark.parametrize("shape", ["whole numbers", "classes", "one magnitude", "positive", "a ramp"])
@pytest.mark.parametrize("format", [1, 5])
def test_numbers_that_are_no_waves_are_what_they_are_declared_as(tmp_path, write_segy, shape, format):
    rng = np.random.default_rng(2)
    drawn = {
        "whole numbers": np.round(rng.normal(0, 30, (40, 64))),
        "classes": rng.integers(0, 4, (40, 64)),
        "one magnitude": rng.uniform(1.0, 1.9, (40, 64)),
        "positive": rng.uniform(1500, 4500, (40, 64)),
        "a ramp": np.tile(np.arange(64), (40, 1)),
    }[shape]
    write_segy(tmp_path / "a.sgy", drawn, format=format)
    Survey.open(tmp_path, labelled=False)


def test_whole_numbers_as_the_wrong_float_are_seen(tmp_path, write_segy):
    drawn = np.round(np.random.default_rng(2).normal(0, 30, (40, 64)))
    write_segy(tmp_path / "a.sgy", drawn, format=5, code=1)
    with pytest.raises(SurveyError, match="they look like IEEE float"):
        Survey.open(tmp_path, labelled=False)


def test_a_code_of_no_format_is_settled_by_a_setting(survey, traces):
    for code in (0, 0x4040, 0x2020, 4):
        folder = survey(code=code, format=5)
        with pytest.raises(SurveyError, match=r"3225-3226.*trainer\.settings\.sampleFormat"):
            Survey.open(folder)
        is_read(folder, traces, sampleFormat=5)


def test_samples_of_another_width_are_told(survey):
    with pytest.raises(SurveyError, match=r"cut off.*4 bytes would fit: trainer\.settings\.sampleFormat"):
        Survey.open(survey(format=5, code=3))


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


@pytest.mark.parametrize("value", [1e30, -9999, -999.25, 1e20, 3.0e38])
@pytest.mark.parametrize("format", [1, 5])
def test_an_undefined_value_that_is_named_is_read_as_zero(tmp_path, write_segy, traces, value, format):
    value = min(value, 7e37) if format == 1 else value
    padded = traces.copy()
    padded[::7, :20] = value
    write_segy(tmp_path / "a.sgy", padded, format=format)
    read = Survey.open(tmp_path, settings(undefinedValue=value), labelled=False).read(np.arange(240))
    assert not read[::7, :20].any()
    padded[::7, :20] = 0
    np.testing.assert_allclose(read, padded, rtol=2**-20)
