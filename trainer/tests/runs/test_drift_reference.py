"""The figures of the training data that a run stores for serving."""

import asyncio
from pathlib import Path

import httpx
import numpy as np
from mlflow import MlflowClient
from mlflow_server import run

from kit.drift.reference import DRIFT_REFERENCE, Reference
from kit.serving.app import Service
from kit.serving.model import load
from seismic.data.survey import Survey
from seismic.learning.features import TraceFeatures, featurise_survey, fit_survey
from seismic.serving.settings import Settings
from seismic.serving.trainer import TRAINER
from seismic.training.settings import Settings as RunSettings
from seismic.training.trainer import TRAINER as RUN_TRAINER


def stored(client, run_id, folder):
    return Path(client.download_artifacts(run_id, DRIFT_REFERENCE, str(folder))).read_text()


def names(client, run_id):
    return {file.path for file in client.list_artifacts(run_id)}


def test_it_is_of_the_traces_that_were_trained_on(environment, client, data, tmp_path):
    _, result = run(environment)
    text = stored(client, result["runId"], tmp_path)
    survey = Survey.open(data)
    learner = RUN_TRAINER.learner(RunSettings.from_environment(environment))
    split = learner.split(learner.read())
    transformer = fit_survey(survey, TraceFeatures(interval_us=survey.interval_us), split.train, 1)
    features = featurise_survey(survey, transformer, split.train, 1)
    assert text == Reference.of(features, transformer.get_feature_names_out()).to_json()
    assert len(text) < 150_000


def test_an_older_version_gets_it_when_it_is_reproduced(environment, client, server, tmp_path):
    _, first = run(environment, THREADS="1")
    text = stored(client, first["runId"], tmp_path)
    (file,) = server.artifacts.rglob(f"*{first['runId']}*/**/{DRIFT_REFERENCE}")
    file.unlink()
    code, again = run(environment, THREADS="2")
    assert (code, again["reproduced"]) == (0, True)
    # The figures do not depend on the number of threads.
    assert stored(client, first["runId"], tmp_path) == text
    assert DRIFT_REFERENCE not in names(client, again["attemptRunId"])

    file.write_text("kept")
    assert run(environment)[0] == 0
    assert stored(client, first["runId"], tmp_path) == "kept"


def test_that_it_cannot_be_added_is_a_warning(environment, monkeypatch, capsys):
    run(environment)

    def refuse(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(MlflowClient, "list_artifacts", refuse)
    code, again = run(environment)
    assert (code, again["reproduced"]) == (0, True)
    assert f"run {again['runId']} gets no {DRIFT_REFERENCE}: the disk is full" in capsys.readouterr().err


def test_a_model_is_registered_without_it(environment, client, monkeypatch, capsys):
    def refuse(*_):
        raise ValueError("no sketch today")

    monkeypatch.setattr(Reference, "of", refuse)
    code, result = run(environment)
    assert code == 0
    assert DRIFT_REFERENCE not in names(client, result["runId"])
    assert "the training data is not sketched: serving cannot tell drift from it" in capsys.readouterr().err
    monkeypatch.undo()
    code, again = run(environment)
    assert (code, again["sha256"], again["reproduced"]) == (0, result["sha256"], True)
    assert DRIFT_REFERENCE in names(client, result["runId"])


def test_the_served_version_knows_its_survey_and_notices_another_gain(environment, data):
    _, result = run(environment)
    settings = Settings.from_environment(
        environment | {"MODEL_VERSION": result["version"], "MODEL_SHA256": result["sha256"]}
    )
    survey = Survey.open(data)
    traces = survey.read(np.flatnonzero(~survey.dead & ~survey.nonfinite))

    async def score(given):
        service = Service(load(TRAINER, settings), settings)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://test") as http:
            for start in range(0, 600, 60):
                body = {"traces": given[start : start + 60].tolist()}
                (await http.post("/batch_predict", json=body)).raise_for_status()
            service.watch.look()
            lines = (await http.get("/metrics")).text.splitlines()
        assert f"model_f1_macro {result['metrics']['macroF1']}" in lines
        assert f"model_f1_weighted {result['metrics']['weightedF1']}" in lines
        assert f"model_accuracy {result['metrics']['accuracy']}" in lines
        (line,) = [line for line in lines if line.startswith("model_drift_score ")]
        return float(line.split()[1])

    assert asyncio.run(score(traces)) < 0.2
    assert asyncio.run(score(traces * 2)) > 0.25
