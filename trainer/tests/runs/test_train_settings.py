"""A run with TRAINER_SETTINGS: refused before it begins, or written to MLflow and used by serving too."""

import json
from pathlib import Path

import mlflow
import numpy as np
import orjson
import pytest
from mlflow_server import run

from kit.contract import protocol
from seismic.data.amplitudes import LARGEST_AMPLITUDE
from seismic.data.survey import Survey
from seismic.serving.parsing import TraceParser

UNDEFINED = 1e30


@pytest.fixture(scope="module")
def padded(data, tmp_path_factory, write_segy):
    """The demo survey. Some traces begin with an interpretation program's undefined value."""
    survey = Survey.open(data)
    traces = survey.read(np.arange(survey.n_traces))
    traces[::5, :20] = UNDEFINED
    folder = tmp_path_factory.mktemp("padded")
    places = survey.geometry
    write_segy(folder / "a.sgy", traces, inlines=places["inline"], crosslines=places["crossline"])
    (folder / "labels.csv").write_bytes((data / "labels.csv").read_bytes())
    return folder


def test_wrong_settings_are_told_before_mlflow_is_asked(environment, client, capsys):
    assert run(environment, TRAINER_SETTINGS='{"inlineByte": 0, "cdp": 3}') == (
        protocol.BAD_CONFIGURATION,
        None,
    )
    errors = capsys.readouterr().err
    assert "TRAINER_SETTINGS: inlineByte: got 0" in errors
    assert "TRAINER_SETTINGS: cdp: no such setting" in errors
    assert client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"]) is None


def test_a_survey_that_is_not_good_enough_is_not_trained_on(environment, client, padded, capsys):
    assert run(environment, DATA_DIR=str(padded)) == (protocol.BAD_DATA, None)
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(
        f"{padded}: the survey is not good enough to learn from: 20.00% of traces hold amplitudes beyond"
    )
    assert "mostly 1e+30" in last
    assert "trainer.settings.undefinedValue" in last
    experiment = client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"])
    (failed,) = client.search_runs([experiment.experiment_id])
    assert failed.info.status == "FAILED"
    assert "not good enough to learn from" in failed.data.tags["mlflow.note.content"]


def test_with_the_undefined_value_named_it_trains_and_serving_takes_what_is_expected(
    environment, client, padded, tmp_path
):
    settings = {"undefinedValue": UNDEFINED}
    code, result = run(environment, DATA_DIR=str(padded), TRAINER_SETTINGS=json.dumps(settings))
    assert code == protocol.OK
    done = client.get_run(result["runId"])
    assert (done.data.params["undefinedValue"], done.data.tags["quality"]) == ("1e+30", "pass")
    assert client.get_model_version(environment["MODEL_NAME"], result["version"]).tags["quality"] == "pass"
    assert "undefinedValue `1e+30`" in client.get_run(result["runId"]).data.tags["mlflow.note.content"]
    quality = json.loads(mlflow.artifacts.load_text(f"runs:/{result['runId']}/quality.json"))
    assert (quality["verdict"], quality["settings"]) == ("pass", settings)

    path = Path(client.download_artifacts(result["runId"], "expectations.json", str(tmp_path)))
    one, many = json.loads(path.read_text())["requests"]
    parser = TraceParser(64, 100, UNDEFINED)
    assert np.abs(parser.one(orjson.dumps(one["body"]))).max() <= LARGEST_AMPLITUDE
    (traces,) = parser.many(orjson.dumps(many["body"]), 512)
    assert (traces[:, :20] == 0).all(axis=1).any()
    # A client's files have their own undefined value.
    raw = [[UNDEFINED if value == 0 else value for value in trace] for trace in many["body"]["traces"]]
    (again,) = parser.many(orjson.dumps({"traces": raw}), 512)
    np.testing.assert_array_equal(again, traces)
