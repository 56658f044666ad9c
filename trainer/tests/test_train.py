"""The trainer against a real MLflow server: what it prints, registers, and does when things go wrong."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow_server import Server, free_port

from seismic import contract, publishing, registry, train, training
from seismic.demo import write_demo
from seismic.survey import Survey

NAME = "SeismicClassifier"
FIXED = {
    "classifier": "hist_gradient_boosting", "learning_rate": 0.2, "iterations": 12, "leaves": 7, "l2": 0.1,
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_demo(folder, inlines=24, crosslines=40, samples=64, seed=7)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("mlflow"))
    yield made.wait()
    made.kill()


@pytest.fixture
def client(server):
    return mlflow.MlflowClient(server.address, server.address)


@pytest.fixture
def environment(request, data, server):
    """Each test has an experiment and a model of its own on the one server."""
    test = re.sub(r"\W+", "-", request.node.name)
    return {
        "MLFLOW_TRACKING_URI": server.address,
        "MLFLOW_EXPERIMENT_NAME": test,
        "MODEL_NAME": f"{NAME}-{test}",
        "DATA_DIR": str(data),
        "ENVIRONMENT": "dev",
        "RUN_TOKEN": "one",
        "GIT_COMMIT": "0123456789abcdef",
        "RELEASE_REF": "v1",
        "HYPERPARAMETERS": json.dumps(FIXED),
        "THREADS": "2",
        "MLFLOW_RETRY_SECONDS": "6",
    }


@pytest.fixture(autouse=True)
def kept_process_state():
    """`main` sets variables and a signal handler, as it owns its process; here it does not."""
    variables, handler = dict(os.environ), signal.getsignal(signal.SIGTERM)
    yield
    os.environ.clear()
    os.environ.update(variables)
    signal.signal(signal.SIGTERM, handler)


def run(environment, **changes):
    """The exit code, and the result line as a dict or None."""
    output = io.StringIO()
    code = train.main(environment | changes, output)
    return code, json.loads(output.getvalue()) if output.getvalue() else None


def process(environment, **changes):
    return subprocess.Popen(
        [sys.executable, "-m", "seismic.train"], env=os.environ | environment | changes, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_run_prints_one_line_and_leaves_a_whole_version(environment, client, data):
    trainer = process(environment, MODEL_STAGE="Staging", HYPERPARAMETERS="", TRIALS="2")
    output, errors = trainer.communicate(timeout=300)
    assert trainer.returncode == 0, errors
    assert output.count("\n") == 1
    result = json.loads(output)

    stages = [json.loads(line[9:])["stage"] for line in errors.splitlines() if line.startswith("progress ")]
    assert list(dict.fromkeys(stages)) == list(contract.PROGRESS_STAGES)
    assert "View run" not in errors
    assert "FutureWarning" not in errors

    name = environment["MODEL_NAME"]
    version = client.get_model_version_by_alias(name, "champion")
    assert (result["version"], result["runId"], result["reproduced"]) == ("1", version.run_id, False)
    assert version.current_stage == "Staging"
    wanted = {
        "model_sha256": result["sha256"], "data_sha256": Survey.open(data).sha256, "run_token": "one",
        "git_commit": "0123456789abcdef", "git_dirty": "false", "release": "v1", "environment": "dev",
    }  # fmt: skip
    assert wanted.items() <= version.tags.items()
    run_of_it = client.get_run(version.run_id)
    assert run_of_it.info.status == "FINISHED"
    assert wanted.items() <= run_of_it.data.tags.items()
    assert run_of_it.data.tags["mlflow.source.git.commit"] == "0123456789abcdef"
    assert run_of_it.data.metrics["macro_f1"] == result["metrics"]["macroF1"]
    assert run_of_it.data.metrics["random_split_macro_f1"] == result["metrics"]["randomSplitMacroF1"]
    files = {file.path for file in client.list_artifacts(version.run_id)}
    assert files == {"confusion.png", "precision_recall.png", "classes.png", "section.png", "tuning.png",
                     "quality.json", "holdout.json", "tuning.json"}  # fmt: skip


def test_the_model_loads_without_our_source(environment, server, data, tmp_path):
    _, result = run(environment)
    traces = Survey.open(data).read(np.arange(5))
    np.save(tmp_path / "traces.npy", traces)
    # Isolated mode: neither the current folder nor PYTHONPATH can provide `seismic`.
    program = f"""
import sys, importlib.util, numpy as np, mlflow
assert importlib.util.find_spec("seismic") is None
mlflow.set_tracking_uri({server.address!r})
model = mlflow.pyfunc.load_model("models:/{environment["MODEL_NAME"]}@champion")
print(model.predict(np.load("traces.npy")).tolist())
from seismic.fingerprint import model_sha256
print(model_sha256(model.get_raw_model()))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    labels, sha256 = done.stdout.splitlines()
    assert len(eval(labels)) == 5
    assert set(eval(labels)) <= {"normal", "anomaly", "boundary"}
    assert sha256 == result["sha256"]
    assert not list((server.artifacts).rglob("*.pkl"))


def test_the_same_again_registers_nothing_whatever_the_threads(environment, client):
    _, first = run(environment, THREADS="1")
    code, again = run(environment, THREADS="2", RUN_TOKEN="two")
    assert code == 0
    assert again["reproduced"] is True
    for same in ("version", "sha256", "runId", "trainedAt", "metrics", "dataSha256"):
        assert again[same] == first[same]
    assert len(client.search_model_versions(f"name = '{environment['MODEL_NAME']}'")) == 1
    attempt = client.get_run(again["attemptRunId"])
    assert attempt.data.tags["reproduced_version"] == "1"
    assert attempt.data.metrics["macro_f1"] == first["metrics"]["macroF1"]
    files = {file.path for file in client.list_artifacts(again["attemptRunId"])}
    assert files == {"quality.json", "holdout.json", "tuning.json"}


def test_another_model_becomes_champion_and_an_earlier_one_can_come_back(environment, client):
    staged = environment | {"MODEL_STAGE": "Production"}
    _, first = run(staged)
    _, second = run(staged, HYPERPARAMETERS=json.dumps(FIXED | {"leaves": 5}))
    assert (second["version"], second["reproduced"]) == ("2", False)
    assert second["sha256"] != first["sha256"]
    stages = [client.get_model_version(staged["MODEL_NAME"], number).current_stage for number in ("1", "2")]
    assert stages == ["Archived", "Production"]
    _, third = run(staged)
    assert (third["version"], third["reproduced"]) == ("1", True)
    assert client.get_model_version_by_alias(staged["MODEL_NAME"], "champion").version == "1"
    assert client.get_model_version(staged["MODEL_NAME"], "1").current_stage == "Production"


@pytest.mark.parametrize("lost", ["files", "run"])
def test_a_version_that_lost_its_files_or_run_is_registered_anew(environment, client, server, lost):
    _, first = run(environment)
    if lost == "run":
        client.delete_run(first["runId"])
    else:
        shutil.rmtree(server.artifacts / first["experimentId"] / "models")
    code, again = run(environment)
    assert (code, again["version"], again["reproduced"]) == (0, "2", False)
    assert again["sha256"] == first["sha256"]


def test_a_version_that_was_never_promoted_is_taken_up(environment, client, monkeypatch):
    def die(*_):
        raise RuntimeError("killed between version and alias")

    with monkeypatch.context() as patch:
        patch.setattr(registry.Registry, "promote", die)
        assert run(environment) == (contract.FAILED, None)
    assert client.get_registered_model(environment["MODEL_NAME"]).aliases == {}
    code, result = run(environment)
    assert (code, result["version"], result["reproduced"]) == (0, "1", True)
    assert client.get_model_version_by_alias(environment["MODEL_NAME"], "champion").version == "1"


def test_a_superseded_run_registers_nothing(environment, client, monkeypatch, capsys):
    upload = registry.Registry.upload

    def another_starts(self, *arguments):
        model = upload(self, *arguments)
        client.set_experiment_tag(self.experiment_id, "run_token", "two")
        return model

    monkeypatch.setattr(registry.Registry, "upload", another_starts)
    assert run(environment) == (contract.SUPERSEDED, None)
    assert "'two' has started since" in capsys.readouterr().err
    assert client.search_model_versions(f"name = '{environment['MODEL_NAME']}'") == []


def test_runs_left_by_a_killed_trainer_are_ended(environment, client):
    experiment = client.create_experiment(environment["MLFLOW_EXPERIMENT_NAME"])
    left = client.create_run(experiment)
    assert run(environment)[0] == 0
    ended = client.get_run(left.info.run_id)
    assert (ended.info.status, ended.data.tags["superseded_by"]) == ("KILLED", "one")


def test_wrong_configuration(environment, capsys):
    assert run(environment, SEED="x", RUN_TOKEN="") == (contract.BAD_CONFIGURATION, None)
    errors = capsys.readouterr().err
    assert "RUN_TOKEN: not given" in errors
    assert "SEED: got 'x'" in errors
    assert "Traceback" not in errors


def test_wrong_data(environment, client, tmp_path, capsys):
    (tmp_path / "broken.sgy").write_bytes(b"no survey")
    assert run(environment, DATA_DIR=str(tmp_path)) == (contract.BAD_DATA, None)
    errors = capsys.readouterr().err
    assert "broken.sgy" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    experiment = client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"])
    assert [one.info.status for one in client.search_runs([experiment.experiment_id])] == ["FAILED"]


def test_no_mlflow(environment, capsys):
    began = time.monotonic()
    address = f"http://127.0.0.1:{free_port()}"
    assert run(environment, MLFLOW_TRACKING_URI=address) == (contract.MLFLOW_UNREACHABLE, None)
    assert 5 <= time.monotonic() - began < 30
    errors = capsys.readouterr().err
    assert f"MLFLOW_TRACKING_URI: {address} did not answer while opening the experiment; tried for " in errors


@pytest.mark.parametrize("moment", ["figures", "model"])
def test_mlflow_dies_while_training(environment, tmp_path, monkeypatch, capsys, moment):
    dying = Server(tmp_path).wait()
    fit, write_reports = training.fit, publishing.write_reports

    def fit_then_die(*arguments):
        trained = fit(*arguments)
        dying.kill()
        return trained

    def write_then_die(*arguments):
        write_reports(*arguments)
        dying.kill()

    if moment == "figures":
        monkeypatch.setattr(training, "fit", fit_then_die)
    else:
        monkeypatch.setattr(publishing, "write_reports", write_then_die)
    try:
        began = time.monotonic()
        assert run(environment, MLFLOW_TRACKING_URI=dying.address) == (contract.MLFLOW_UNREACHABLE, None)
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
    assert (trainer.returncode, output) == (contract.TERMINATED, "")
    assert "ended by SIGTERM" in errors
    experiment = client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"])
    assert [one.info.status for one in client.search_runs([experiment.experiment_id])] == ["KILLED"]


def test_two_fits_learn_the_same_and_another_seed_or_survey_another(environment, tmp_path):
    def sha256(**changes):
        settings = contract.Settings.from_environment(environment | changes)
        return training.fit(Survey.open(settings.data_dir), settings).sha256

    write_demo(tmp_path, inlines=24, crosslines=40, samples=64, seed=8)
    assert sha256(THREADS="1") == sha256(THREADS="2")
    assert len({sha256(), sha256(SEED="8"), sha256(DATA_DIR=str(tmp_path))}) == 3


def test_the_locked_requirements_are_exact():
    assert all("==" in line for line in registry.locked(registry.MODEL_REQUIREMENTS))
    with pytest.raises(KeyError, match="nonesuch"):
        registry.locked(("nonesuch",))


def test_a_small_2d_line_trains(tmp_path):
    """Without inlines: the one file's traces are the line."""
    write_demo(tmp_path, inlines=60, crosslines=40, samples=64, seed=7)
    survey = Survey.open(tmp_path)
    survey.geometry_kind = "2D"
    settings = contract.Settings(
        mlflow_tracking_uri="", mlflow_experiment_name="", model_name="", data_dir=Path(), environment="",
        run_token="", hyperparameters=FIXED,
    )  # fmt: skip
    trained = training.fit(survey, settings)
    assert np.unique(trained.split.blocks).size >= 10
    publishing.write_figures(trained, survey, tmp_path)
    assert (tmp_path / "section.png").stat().st_size > 10_000
