import json

import numpy as np
import pytest

from seismic.data.survey import Survey
from seismic.judging.quality import PERCENTILES, quality_report


@pytest.fixture
def survey(tmp_path, write_segy):
    rng = np.random.default_rng(4)
    traces = (rng.normal(50, 1, (2500, 7)) * 10.0 ** rng.uniform(-2, 3, (2500, 1))).astype(np.float32)
    traces[::3] *= -1
    traces[5] = 0
    traces[100] = 9e5
    # The extremes are in different pieces of the pass.
    traces[1500, 2], traces[20, 4] = -3e5, 3e5
    traces[2400, 3] = np.nan
    traces[7, 0] = np.inf
    write_segy(tmp_path / "a.sgy", traces[:2000])
    write_segy(tmp_path / "b.sgy", traces[2000:])
    lines = ["a.sgy,1,normal", "a.sgy,2,normal", "a.sgy,3,normal", "b.sgy,500,boundary"]
    (tmp_path / "labels.csv").write_text("\n".join(["file,trace,label", *lines]))
    opened = Survey.open(tmp_path)
    return opened, traces


def test_amplitudes_are_those_of_the_live_and_finite_traces(survey):
    opened, traces = survey
    amplitude = quality_report(opened)["amplitude"]
    live = np.isfinite(traces).all(axis=1) & (np.ptp(traces, axis=1) != 0)
    finite = traces[live].astype(np.float64)
    assert finite.size == 2496 * 7
    assert amplitude["mean"] == pytest.approx(finite.mean(), rel=1e-10)
    assert amplitude["std"] == pytest.approx(finite.std(), rel=1e-10)
    assert amplitude["min"] == finite.min()
    assert amplitude["max"] == finite.max()
    assert list(amplitude["percentiles"]) == [f"{percentile:g}" for percentile in PERCENTILES]
    exact = np.percentile(finite, PERCENTILES)
    np.testing.assert_allclose(list(amplitude["percentiles"].values()), exact, rtol=0.01)


def test_percentiles_are_interpolated_within_a_bin(tmp_path, write_segy):
    values = np.linspace(-200, 100, 60000).reshape(60, 1000)
    write_segy(tmp_path / "a.sgy", values)
    found = quality_report(Survey.open(tmp_path, labelled=False))["amplitude"]["percentiles"]
    np.testing.assert_allclose(list(found.values()), np.percentile(values, PERCENTILES), atol=0.02)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_percentiles_of_muted_samples_are_zero(tmp_path, write_segy, zero):
    traces = np.full((4, 100), zero)
    traces[:, 80:] = np.linspace(-9, 9, 20)
    write_segy(tmp_path / "a.sgy", traces)
    found = quality_report(Survey.open(tmp_path, labelled=False))["amplitude"]["percentiles"]
    assert (found["25"], found["50"], found["75"]) == (0, 0, 0)


def test_counts_traces_and_labels(survey):
    opened, _ = survey
    report = quality_report(opened)
    assert report["traces"] == 2500
    assert (report["samples_per_trace"], report["interval_us"]) == (7, 4000)
    assert report["dead"]["count"] == 2
    assert report["dead"]["first"][0] == {"file": "a.sgy", "trace": 6}
    assert report["nonfinite"] == {
        "count": 2,
        "first": [{"file": "a.sgy", "trace": 8}, {"file": "b.sgy", "trace": 401}],
    }
    assert report["labels"]["counts"] == {"boundary": 1, "normal": 3}
    assert report["labels"]["shares"] == {"boundary": 0.25, "normal": 0.75}
    assert report["labels"]["unlabelled"] == 2496
    assert [file["bytes"] for file in report["files"]] == [3600 + 2000 * 268, 3600 + 500 * 268]
    assert report["geometry"]["kind"] == "unstructured"


def test_it_is_json_and_the_same_on_any_number_of_threads(survey):
    opened, _ = survey
    one = json.dumps(quality_report(opened, workers=1), allow_nan=False)
    assert json.dumps(quality_report(opened, workers=3), allow_nan=False) == one


def test_the_pass_saves_the_survey_one(survey):
    opened, _ = survey
    quality_report(opened)
    opened.read = None
    assert np.flatnonzero(opened.dead).tolist() == [5, 100]
    assert np.flatnonzero(opened.nonfinite).tolist() == [7, 2400]


@pytest.mark.parametrize(("value", "kind"), [(np.nan, "nonfinite"), (0, "dead")])
def test_no_trace_is_usable(tmp_path, write_segy, value, kind):
    write_segy(tmp_path / "a.sgy", np.full((3, 2), value))
    report = quality_report(Survey.open(tmp_path, labelled=False))
    assert report["amplitude"] is None
    assert report[kind]["count"] == 3
    json.dumps(report, allow_nan=False)
