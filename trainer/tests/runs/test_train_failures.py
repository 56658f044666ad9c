"""The trainer's errors: exit codes, messages, and the things that remain in MLflow."""

import signal
import time

import pytest
from mlflow_server import Server, free_port, process, run

from kit.contract import protocol
from kit.registry import runs
from kit.training import fitting, publishing
from seismic.demo.geology import CLASSES
from seismic.learning import splits


def test_a_superseded_run_registers_nothing(environment, client, monkeypatch, capsys):
    upload = runs.Registry.upload

    def another_starts(self, *arguments):
        model = upload(self, *arguments)
        client.set_experiment_tag(self.experiment_id, "run_token", "two")
        return model

    monkeypatch.setattr(runs.Registry, "upload", another_starts)
    assert run(environment) == (protocol.SUPERSEDED, None)
    assert "'two' has started since" in capsys.readouterr().err
    assert client.search_model_versions(f"name = '{environment['MODEL_NAME']}'") == []


def test_runs_left_by_a_killed_trainer_are_ended(environment, client):
    experiment = client.create_experiment(environment["MLFLOW_EXPERIMENT_NAME"])
    left = client.create_run(experiment)
    assert run(environment)[0] == 0
    ended = client.get_run(left.info.run_id)
    assert (ended.info.status, ended.data.tags["superseded_by"]) == ("KILLED", "one")


def test_wrong_configuration(environment, capsys):
    assert run(environment, SEED="x", RUN_TOKEN="") == (protocol.BAD_CONFIGURATION, None)
    errors = capsys.readouterr().err
    assert "RUN_TOKEN: not given" in errors
    assert "SEED: got 'x'" in errors
    assert "Traceback" not in errors


def test_a_gate_of_a_class_that_the_data_lacks(environment, client, monkeypatch, capsys):
    """This is known before anything is fitted."""
    monkeypatch.setattr(fitting, "fit", None)
    usable = splits.usable_traces
    lacking = sorted(CLASSES).index("boundary")
    monkeypatch.setattr(
        splits, "usable_traces", lambda survey: (rows := usable(survey))[survey.labels[rows] != lacking]
    )
    gate = '{"bounds": {"recall.boundary": {"min": 0.5}}}'
    assert run(environment, GATE=gate) == (protocol.BAD_CONFIGURATION, None)
    errors = capsys.readouterr().err
    assert "GATE: gate.bounds.recall.boundary: no such figure; it has accuracy, " in errors
    assert "Traceback" not in errors
    experiment = client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"])
    (left,) = client.search_runs([experiment.experiment_id])
    assert left.info.status == "FAILED"
    assert "gate.bounds.recall.boundary" in left.data.tags["mlflow.note.content"]


def test_a_floor_of_a_class_that_nothing_is_labelled_with(environment, monkeypatch, capsys):
    monkeypatch.setattr(fitting, "fit", None)
    gate = '{"floors": {"classRecall": {"anomaly": 0.5, "salt": 0.5}}}'
    assert run(environment, GATE=gate) == (protocol.BAD_CONFIGURATION, None)
    problem = "gate.floors.classRecall: no such class: salt; the data has anomaly, boundary, normal"
    assert f"GATE: {problem}" in capsys.readouterr().err


def test_wrong_data(environment, client, tmp_path, capsys):
    (tmp_path / "broken.sgy").write_bytes(b"no survey")
    assert run(environment, DATA_DIR=str(tmp_path)) == (protocol.BAD_DATA, None)
    errors = capsys.readouterr().err
    assert "broken.sgy" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    experiment = client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"])
    assert [one.info.status for one in client.search_runs([experiment.experiment_id])] == ["FAILED"]


def test_no_mlflow(environment, capsys):
    began = time.monotonic()
    address = f"http://127.0.0.1:{free_port()}"
    assert run(environment, MLFLOW_TRACKING_URI=address) == (protocol.MLFLOW_UNREACHABLE, None)
    assert 5 <= time.monotonic() - began < 30
    errors = capsys.readouterr().err
    assert f"MLFLOW_TRACKING_URI: {address} did not answer while opening the experiment; tried for " in errors


@pytest.mark.parametrize("moment", ["figures", "model"])
def test_mlflow_dies_while_training(environment, tmp_path, monkeypatch, capsys, moment):
    dying = Server(tmp_path).wait()
    fit, write_reports = fitting.fit, publishing.write_reports

    def fit_then_die(*arguments):
        trained = fit(*arguments)
        dying.kill()
        return trained

    def write_then_die(*arguments):
        write_reports(*arguments)
        dying.kill()

    if moment == "figures":
        monkeypatch.setattr(fitting, "fit", fit_then_die)
    else:
        monkeypatch.setattr(publishing, "write_reports", write_then_die)
    try:
        began = time.monotonic()
        assert run(environment, MLFLOW_TRACKING_URI=dying.address) == (protocol.MLFLOW_UNREACHABLE, None)
        assert time.monotonic() - began < 60
    finally:
        dying.kill()
    errors = capsys.readouterr().err
    assert f"{dying.address} did not answer while " in errors
    assert "Traceback" not in errors


def test_sigterm_ends_the_run(environment, client):
    trainer = process(environment, HYPERPARAMETERS="", TRIALS="5000")
    for line in trainer.stderr:
        if line.startswith('progress {"stage": "tuning"'):
            break
    trainer.send_signal(signal.SIGTERM)
    output, errors = trainer.communicate(timeout=60)
    assert (trainer.returncode, output) == (protocol.TERMINATED, "")
    assert "ended by SIGTERM" in errors
    experiment = client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"])
    assert [one.info.status for one in client.search_runs([experiment.experiment_id])] == ["KILLED"]
