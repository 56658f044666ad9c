"""A training run's messages about its data."""

import numpy as np

from seismic.data.survey import Survey
from seismic.training import data
from seismic.training.learner import files_of


def warnings(tmp_path, write_segy, caplog, traces, **headers):
    write_segy(tmp_path / "a.sgy", traces, **headers)
    caplog.clear()
    survey = Survey.open(tmp_path, labelled=False)
    data.warn(survey, {"checks": []})
    return caplog.messages


def test_traces_that_are_left_out_are_counted(tmp_path, write_segy, caplog):
    traces = np.arange(24.0).reshape(8, 3)
    assert warnings(tmp_path, write_segy, caplog, traces) == []
    traces[1:3], traces[4, 1] = 7, np.nan
    said = warnings(tmp_path, write_segy, caplog, traces)
    assert said == ["traces left out: 2 dead, 1 with NaN or infinity, 0 out of range"]


def test_places_with_several_traces_are_told(tmp_path, write_segy, caplog):
    traces = np.arange(24.0).reshape(8, 3)
    assert warnings(tmp_path, write_segy, caplog, traces, cdps=range(8)) == []
    (said,) = warnings(tmp_path, write_segy, caplog, traces, cdps=[1, 1, 2, 2, 3, 3, 4, 4])
    assert said.startswith("8 traces have 4 different places (trace header bytes 189 and 193")


QUALITY = {
    "traces": 24000, "samples_per_trace": 462, "interval_us": 4000,
    "geometry": {"kind": "3D"}, "dead": {"count": 3}, "nonfinite": {"count": 1}, "out_of_range": {"count": 2},
    "verdict": "warn", "notes": ["a.sgy: the sample interval is 4 in <one> place"],
    "checks": [{"check": "clippedSamples", "share": 0.0123, "warn": 0.001, "fail": 0.2, "verdict": "warn"}],
    "amplitude": {"mean": 0.5, "std": 1234.5678, "min": -9000.0, "max": 8000.0},
    "labels": {
        "labelled": 20000, "unlabelled": 4000, "counts": {"normal": 15000, "anomaly": 5000},
        "shares": {"normal": 0.75, "anomaly": 0.25},
    },
    "files": [{"name": "a.sgy"}],
}  # fmt: skip


def test_a_survey_is_described_for_people():
    survey = data.SurveyData(None, QUALITY)
    assert survey.described() == [
        "- 24,000 traces of 462 samples, one each 4000 µs, 3D, in 1 file",
        "- left out: 3 dead, 1 with NaN or infinity, 2 out of range",
        "- labelled: 20,000, of them normal 15,000 (75.0%), anomaly 5,000 (25.0%); not labelled: 4,000",
        "- amplitudes: mean 0.5, standard deviation 1235, from -9000 to 8000",
    ]
    assert survey.doubts() == [
        "a.sgy: the sample interval is 4 in <one> place",
        "1.23% of samples are at the smallest or largest amplitude; the bound is "
        "trainer.settings.clippedSamplesWarn (0.001)",
    ]
    without = data.SurveyData(None, QUALITY | {"amplitude": None})
    assert len(without.described()) == 3


def test_several_files_are_slices_and_a_single_one_is_none(tmp_path, write_segy):
    traces = np.arange(24.0).reshape(8, 3)
    write_segy(tmp_path / "line 1.sgy", traces)
    alone = data.SurveyData(Survey.open(tmp_path, labelled=False), QUALITY)
    assert files_of(alone, np.array([0, 7])).tolist() == ["", ""]
    write_segy(tmp_path / "line.2.sgy", traces)
    both = data.SurveyData(Survey.open(tmp_path, labelled=False), QUALITY)
    assert files_of(both, np.array([0, 8, 15])).tolist() == ["line 1", "line_2", "line_2"]
