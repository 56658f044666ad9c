"""Samples in other formats than declared: read rightly, or refused with what settles it."""

import numpy as np
import pytest

from seismic.data.survey import Survey, SurveyError

from .area import is_read, settings


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
