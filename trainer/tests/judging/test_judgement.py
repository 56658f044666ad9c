"""Which surveys are good enough to learn from, and which setting changes that."""

import json

import numpy as np
import pytest

from seismic.data.errors import SurveyError
from seismic.data.settings import TrainerSettings
from seismic.data.survey import Survey
from seismic.judging.judgement import reasons
from seismic.judging.quality import quality_report
from seismic.training import data
from seismic.training.settings import Settings

COUNT, SAMPLES = 400, 60


def wavy(seed=3):
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((COUNT, SAMPLES)) * 100).astype(np.float32)


def judged(tmp_path, write_segy, spoil, **given):
    traces = wavy()
    spoil(traces)
    write_segy(tmp_path / "a.sgy", traces)
    settings = TrainerSettings.parse(json.dumps(given))
    report = quality_report(Survey.open(tmp_path, settings, labelled=False), workers=1)
    assert report["settings"] == given
    json.dumps(report, allow_nan=False)
    return report


def share(report, check):
    return next(one["share"] for one in report["checks"] if one["check"] == check)


def padded(value, traces):
    def spoil(all_traces):
        all_traces[:traces, :16] = value

    return spoil


def write(rows, value):
    def spoil(traces):
        traces[rows] = value

    return spoil


def repeat(traces):
    traces[200:] = traces[:200]


def clip(traces):
    np.clip(traces, -60, 60, out=traces)


CASES = {
    "nothing": (lambda traces: None, None, "pass"),
    "zeros, as muted samples are": (padded(0, 300), None, "pass"),
    "some dead": (write(slice(0, 40), 0), None, "pass"),
    "many dead": (write(slice(0, 160), 7.5), "deadTraces", "warn"),
    "nearly all dead": (write(slice(0, 396), 0), "deadTraces", "fail"),
    "one NaN": (write((3, 4), np.nan), "nonfiniteTraces", "warn"),
    "NaN in most": (write((slice(0, 240), 4), np.inf), "nonfiniteTraces", "fail"),
    "one spike": (write((3, 4), 1e20), "outOfRangeTraces", "warn"),
    "spikes": (write((slice(0, 8), 4), -1e16), "outOfRangeTraces", "fail"),
    "few padded": (padded(-999.25, 4), "undefinedTraces", "warn"),
    "many padded": (padded(-9999, 40), "undefinedTraces", "fail"),
    "a copy of a trace": (lambda traces: traces.__setitem__(9, traces[5]), "duplicateTraces", "warn"),
    "two copies of a survey": (repeat, "duplicateTraces", "fail"),
    "clipped": (clip, "clippedSamples", "fail"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_verdict_with_its_figure_and_its_key(tmp_path, write_segy, name):
    spoil, check, verdict = CASES[name]
    report = judged(tmp_path, write_segy, spoil)
    assert report["verdict"] == verdict
    if check is None:
        assert all(one["verdict"] == "pass" for one in report["checks"])
        return
    assert any(f"trainer.settings.{check}{verdict.capitalize()} (" in one for one in reasons(report, verdict))
    # The survey's owner sets the bounds.
    bounds = {f"{check}{kind}": 1 for kind in ("Warn", "Fail")}
    eased = judged(tmp_path, write_segy, spoil, **bounds)
    assert next(one for one in eased["checks"] if one["check"] == check)["verdict"] == "pass"


@pytest.mark.parametrize("value", [1e30, -9999, -999.25, 1e20, 255])
def test_an_undefined_value_is_found_and_can_be_named(tmp_path, write_segy, value):
    report = judged(tmp_path, write_segy, padded(value, 60))
    assert report["verdict"] == "fail"
    assert share(report, "undefinedTraces") == 0.15
    assert any(f"mostly {value:g}" in one and "undefinedValue" in one for one in reasons(report, "fail"))
    named = judged(tmp_path, write_segy, padded(value, 60), undefinedValue=value)
    assert named["verdict"] == "pass"
    assert named["amplitude"]["max"] < 1000


def test_a_run_needs_sixteen_samples_wherever_it_is(tmp_path, write_segy):
    def spoil(traces):
        traces[0, :15] = 5
        traces[1, -16:] = 5
        traces[2, 20:37] = 6

    assert share(judged(tmp_path, write_segy, spoil), "undefinedTraces") == 2 / COUNT


def test_the_report_is_the_same_on_any_number_of_threads(tmp_path, write_segy):
    for name, seed in (("a.sgy", 1), ("b.sgy", 2), ("c.sgy", 1), ("d.sgy", 4)):
        write_segy(tmp_path / name, np.tile(wavy(seed), (2, 1)).clip(-150, 150))
    opened = Survey.open(tmp_path, labelled=False)
    assert quality_report(opened, workers=3) == quality_report(opened, workers=1)


def test_what_fails_is_not_trained_on(demo_folder, tmp_path, caplog):
    def read(**given):
        settings = {"DATA_DIR": str(demo_folder), "REGISTER": "false", "TRAINER_SETTINGS": json.dumps(given)}
        return data.read(Settings.from_environment(settings)).quality

    assert read()["verdict"] == "pass"
    with pytest.raises(
        SurveyError, match=r"not good enough to learn from: .* traces have one constant value"
    ):
        read(deadTracesFail=0)
    caplog.clear()
    assert read(deadTracesWarn=0)["verdict"] == "warn"
    assert any("trainer.settings.deadTracesWarn (0)" in message for message in caplog.messages)
