"""A training run's messages about its data."""

import numpy as np

from seismic.data.survey import Survey
from seismic.training import fitting


def warnings(tmp_path, write_segy, caplog, traces, **headers):
    write_segy(tmp_path / "a.sgy", traces, **headers)
    caplog.clear()
    survey = Survey.open(tmp_path, labelled=False)
    fitting.warn(survey, {"checks": []})
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
