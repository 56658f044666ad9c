"""A candidate of retraining is served without another training, if that would come out alike."""

import json

import pytest
from mlflow_server import FIXED, run

from kit.contract import protocol
from kit.registry import runs
from kit.training import fitting

GATE = json.dumps({"regression": {"macroF1": 0.5}})
IMAGE = {"IMAGE": "trainer:abc", "GATE": GATE}
ALERT = {"RUN_TRIGGER": "alert ModelDrift", "RUN_TOKEN": "alert"}
OTHER = json.dumps(FIXED | {"leaves": 5})


@pytest.fixture
def judged(environment, client, monkeypatch):
    """The result of a retraining beside a champion. After it, a fit fails the test."""
    variables = environment | IMAGE
    run(variables)
    client.set_registered_model_alias(environment["MODEL_NAME"], "champion", "1")
    _, result = run(variables, HYPERPARAMETERS=OTHER, **ALERT)
    assert (result["version"], result["gate"]["compared"]) == ("2", True)
    monkeypatch.setattr(fitting, "fit", None)
    return result


def deploy(environment, **changes):
    return run(environment | IMAGE, **{"HYPERPARAMETERS": OTHER, "RUN_TOKEN": "next"} | changes)


def test_the_next_run_serves_what_retraining_has_judged(environment, client, judged):
    code, result = deploy(environment)
    assert (code, result["takenUp"], result["reproduced"], result["alias"]) == (0, True, True, "challenger")
    same = (
        "version",
        "sha256",
        "filesSha256",
        "runId",
        "trainedAt",
        "metrics",
        "dataSha256",
        "tuning",
        "gate",
    )
    assert {name: result[name] for name in same} == {name: judged[name] for name in same}
    attempt = client.get_run(result["attemptRunId"])
    assert attempt.info.run_id != judged["attemptRunId"]
    assert (attempt.info.status, attempt.data.tags["reproduced_version"]) == ("FINISHED", "2")
    assert attempt.data.metrics == client.get_run(judged["attemptRunId"]).data.metrics
    assert attempt.data.tags["mlflow.note.content"].startswith(
        "This run takes up **version 2**, which retraining"
    )


def test_with_another_gate_it_is_trained(environment, judged, capsys):
    """With `fit` out of order, a training is a failure."""
    assert deploy(environment, GATE='{"regression": {"macroF1": 0.4}}')[0] == protocol.FAILED
    assert "'NoneType' object is not callable" in capsys.readouterr().err


def test_a_superseded_run_takes_up_nothing(environment, client, judged, monkeypatch):
    log_figures = runs.Registry.log_figures

    def another_starts(self, *given):
        log_figures(self, *given)
        client.set_experiment_tag(self.experiment_id, "run_token", "later")

    monkeypatch.setattr(runs.Registry, "log_figures", another_starts)
    assert deploy(environment) == (protocol.SUPERSEDED, None)
