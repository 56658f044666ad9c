"""The trainer with a real MLflow server: its output, and the registered version."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import trainer_contract as agreed
from mlflow_server import FIXED, process, result_of, run

from kit.contract import protocol
from kit.judging import classification
from kit.judging.bounds import Bound, Gate
from kit.registry import runs, versions
from kit.training import fitting
from kit.training.figures.names import check_names
from seismic.data.survey import Survey
from seismic.demo.geology import CLASSES
from seismic.demo.survey import write_demo
from seismic.model_code import MODEL_CODE
from seismic.training.section import draw_line
from seismic.training.settings import Settings
from seismic.training.trainer import TRAINER


def fitted(settings):
    learner = TRAINER.learner(settings)
    data = learner.read()
    return fitting.fit(data, fitting.split(data, learner, settings), learner, settings)


def test_a_run_prints_one_line_and_leaves_a_whole_version(environment, client, data):
    trainer = process(environment, HYPERPARAMETERS="", TRIALS="2")
    output, errors = trainer.communicate(timeout=300)
    assert trainer.returncode == 0, errors
    assert output.count("\n") == 1
    result = result_of(output)

    told = [json.loads(line[9:]) for line in errors.splitlines() if line.startswith("progress ")]
    assert [problem for each in told for problem in agreed.problems(each, "progress")] == []
    stages = [each["stage"] for each in told]
    assert list(dict.fromkeys(stages)) == list(protocol.PROGRESS_STAGES)
    assert "View run" not in errors
    assert "FutureWarning" not in errors

    name = environment["MODEL_NAME"]
    assert client.get_registered_model(name).aliases == {"challenger": "1"}
    version = client.get_model_version(name, "1")
    assert (result["version"], result["runId"], result["reproduced"]) == ("1", version.run_id, False)
    assert (result["alias"], version.current_stage) == ("challenger", "None")
    wanted = {
        "model_sha256": result["sha256"], "data_sha256": Survey.open(data).sha256, "run_token": "one",
        "git_commit": "0123456789abcdef", "git_dirty": "false", "release": "v1", "environment": "dev",
    }  # fmt: skip
    assert wanted.items() <= version.tags.items()
    assert agreed.problems(version.tags, "versionTags") == []
    assert set(version.tags) <= set(agreed.properties("versionTags"))
    run_of_it = client.get_run(version.run_id)
    assert run_of_it.info.status == "FINISHED"
    assert wanted.items() <= run_of_it.data.tags.items()
    assert run_of_it.data.tags["mlflow.source.git.commit"] == "0123456789abcdef"
    assert agreed.problems(run_of_it.data.tags, "versionTags") == []
    assert agreed.problems(run_of_it.data.tags, "runTags") == []
    own = {tag for tag in run_of_it.data.tags if not tag.startswith("mlflow.")}
    assert own <= {*agreed.properties("versionTags"), *agreed.properties("runTags")}
    assert run_of_it.data.metrics["macro_f1"] == result["metrics"]["macroF1"]
    assert run_of_it.data.metrics["random_split_macro_f1"] == result["metrics"]["randomSplitMacroF1"]
    files = {file.path for file in client.list_artifacts(version.run_id)}
    plots = {"classes", "confusion", "importance", "precision_recall", "reliability", "section", "tuning"}
    reports = {"drift_reference", "expectations", "holdout", "importance", "quality", "result", "tuning"}
    assert files == {
        *(f"{name}.png" for name in plots), *(f"{name}.json" for name in reports), "heldout_predictions.csv",
    }  # fmt: skip
    assert version.description.startswith("### Seismic trace classification\n")


def test_the_model_loads_without_our_source(environment, server, data, tmp_path):
    _, result = run(environment)
    traces = Survey.open(data).read(np.arange(5))
    np.save(tmp_path / "traces.npy", traces)
    # In isolated mode, neither the current folder nor PYTHONPATH can provide either package.
    program = f"""
import sys, importlib.util, numpy as np, mlflow
assert importlib.util.find_spec("seismic") is importlib.util.find_spec("kit") is None
mlflow.set_tracking_uri({server.address!r})
model = mlflow.pyfunc.load_model("models:/{environment["MODEL_NAME"]}@challenger")
print(model.predict(np.load("traces.npy")).tolist())
from kit.registry.fingerprint import model_sha256
print(model_sha256(model.get_raw_model()))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True,
        # A user who trusts the registry may load a model like this. The trainer's image does not.
        env=os.environ | {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true"},
    )  # fmt: skip
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
    assert "reproduced_version" in agreed.properties("runTags")
    assert attempt.data.metrics["macro_f1"] == first["metrics"]["macroF1"]
    files = {file.path for file in client.list_artifacts(again["attemptRunId"])}
    assert files == {"quality.json", "holdout.json", "tuning.json", "result.json"}


def test_another_model_challenges_and_an_earlier_one_can_come_back(environment, client):
    name = environment["MODEL_NAME"]
    _, first = run(environment)
    _, second = run(environment, HYPERPARAMETERS=json.dumps(FIXED | {"leaves": 5}))
    assert (second["version"], second["reproduced"]) == ("2", False)
    assert second["sha256"] != first["sha256"]
    assert client.get_registered_model(name).aliases == {"challenger": "2"}
    client.set_registered_model_alias(name, "champion", "2")
    _, third = run(environment)
    assert (third["version"], third["reproduced"], third["alias"]) == ("1", True, "challenger")
    assert client.get_registered_model(name).aliases == {"challenger": "1", "champion": "2"}


@pytest.mark.parametrize("lost", ["files", "run", "pruned"])
def test_a_version_that_lost_its_files_or_run_or_will_is_registered_anew(environment, client, server, lost):
    _, first = run(environment)
    if lost == "run":
        client.delete_run(first["runId"])
    elif lost == "pruned":
        client.set_model_version_tag(environment["MODEL_NAME"], "1", versions.PRUNED_TAG, "now")
    else:
        shutil.rmtree(server.artifacts / first["experimentId"] / "models")
    code, again = run(environment)
    assert (code, again["version"], again["reproduced"]) == (0, "2", False)
    assert again["sha256"] == first["sha256"]


def test_a_version_without_alias_is_taken_up(environment, client, monkeypatch):
    def die(*_):
        raise RuntimeError("killed between version and alias")

    with monkeypatch.context() as patch:
        patch.setattr(versions.Versions, "challenge", die)
        assert run(environment) == (protocol.FAILED, None)
    assert client.get_registered_model(environment["MODEL_NAME"]).aliases == {}
    code, result = run(environment)
    assert (code, result["version"], result["reproduced"]) == (0, "1", True)
    assert client.get_registered_model(environment["MODEL_NAME"]).aliases == {"challenger": "1"}


def test_two_fits_learn_the_same_and_another_seed_or_survey_another(environment, tmp_path):
    def sha256(**changes):
        return fitted(Settings.from_environment(environment | changes)).sha256

    write_demo(tmp_path, inlines=24, crosslines=40, samples=64, seed=8)
    assert sha256(THREADS="1") == sha256(THREADS="2")
    assert len({sha256(), sha256(SEED="8"), sha256(DATA_DIR=str(tmp_path))}) == 3


def test_the_figures_are_those_that_a_gate_may_name(environment, monkeypatch):
    settings = Settings.from_environment(environment)
    task = TRAINER.learner(settings).task
    figures = fitted(settings).figures()
    everything = Gate({}, {}, {}, {name: Bound() for name in figures})
    check_names(everything, task, CLASSES)
    with pytest.raises(protocol.ConfigurationError, match=r"bounds\.x: no such figure; it has (.*)") as error:
        check_names(Gate({}, {}, {}, {"x": Bound()}), task, CLASSES)
    assert str(error.value).rpartition(" has ")[2].split(", ") == sorted(figures)
    # It has seen these traces.
    assert 0 < figures["gap.macroF1"] < 1 - figures["macroF1"] + 1e-9
    monkeypatch.setattr(classification, "MOST_SCORED", 100)
    fewer = fitted(settings).figures()
    assert fewer != figures
    changing = {"gap.macroF1": 0, "latencyMs": 0}
    assert fewer | changing == figures | changing


def test_the_locked_requirements_are_exact():
    assert all("==" in line for line in runs.locked(MODEL_CODE.requirements, MODEL_CODE.lock))
    with pytest.raises(KeyError, match="nonesuch"):
        runs.locked(("nonesuch",), MODEL_CODE.lock)


def test_a_small_2d_line_trains(tmp_path):
    """Without inlines, the traces of the only file are the line."""
    write_demo(tmp_path, inlines=60, crosslines=40, samples=64, seed=7)
    settings = Settings(data_dir=tmp_path, hyperparameters=FIXED)
    learner = TRAINER.learner(settings)
    data = learner.read()
    data.survey.geometry_kind = "2D"
    trained = fitting.fit(data, fitting.split(data, learner, settings), learner, settings)
    assert np.unique(trained.split.blocks).size >= 10
    draw_line(trained, data, tmp_path)
    assert (tmp_path / "section.png").stat().st_size > 10_000
