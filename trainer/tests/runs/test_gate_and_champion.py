"""The gate with a real MLflow: the champion, loaded as data and checked, and the things that remain."""

import json
import re
import shutil

import pytest
import requests
from mlflow.store.artifact.models_artifact_repo import ModelsArtifactRepository
from mlflow_server import FIXED, kept_process_state, run

from kit.contract import protocol
from kit.training.comparison import REMEDY
from seismic.demo.survey import write_demo

GATE = json.dumps({"regression": {"macroF1": 0.02, "recall": 0.05}})
FLOOR = json.dumps({"floors": {"macroF1": 0.999}})
# Parameters with which almost nothing is learnt.
POOR = json.dumps(FIXED | {"iterations": 1, "leaves": 2, "learning_rate": 0.01})


@pytest.fixture(scope="module")
def first(environment_of):
    """The name of a model, and the result of the run that registered its only version."""
    environment = environment_of("first")
    with kept_process_state():
        _, result = run(environment)
    return environment["MODEL_NAME"], result


@pytest.fixture
def champion(environment, client, first):
    """The result of the run that made the champion. There is no challenger. Tests share its files."""
    model, result = first
    made = client.get_model_version(model, result["version"])
    name = environment["MODEL_NAME"]
    client.create_registered_model(name)
    client.create_model_version(
        name, made.source, made.run_id, made.tags, model_id=made.source.removeprefix("models:/")
    )
    client.set_registered_model_alias(name, "champion", result["version"])
    return result


@pytest.fixture
def its_files(server, champion, tmp_path):
    """The folder of the champion's files, which a test may change."""
    folder, kept = server.artifacts / champion["experimentId"], tmp_path / "kept"
    shutil.copytree(folder, kept)
    yield folder
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)


def test_a_worse_candidate_is_refused_and_a_challenger_all_the_same(environment, client, champion):
    code, result = run(environment, GATE=GATE, HYPERPARAMETERS=POOR)
    told = result["gate"]
    assert (code, result["version"], result["alias"]) == (0, "2", "challenger")
    assert (told["passed"], told["compared"], told["note"]) == (False, True, "")
    assert told["reasons"][0].startswith(f"macro F1 {result['metrics']['macroF1']:.3f} is ")
    assert told["reasons"][0].endswith(" of the champion (version 1); at most 0.020 is allowed")

    # The loaded champion is the model that was judged on this hold-out before.
    wanted = {name: value for name, value in champion["metrics"].items() if name != "randomSplitMacroF1"}
    assert told["champion"] == {"version": "1", "metrics": wanted}

    name, version = environment["MODEL_NAME"], client.get_model_version(environment["MODEL_NAME"], "2")
    assert client.get_registered_model(name).aliases == {"champion": "1", "challenger": "2"}
    tags = {"gate": "refused", "gate_reasons": "\n".join(told["reasons"])}
    assert tags.items() <= version.tags.items()
    left = client.get_run(version.run_id).data
    assert tags.items() <= left.tags.items()
    assert left.metrics["champion_macro_f1"] == wanted["macroF1"]
    assert left.metrics["champion_recall_anomaly"] == wanted["perClass"]["anomaly"]["recall"]


def test_a_champion_that_does_not_know_a_class_is_compared(environment, client, champion, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(environment["DATA_DIR"], data)
    lines = (data / "labels.csv").read_text().splitlines()
    # Every second normal trace gets a class of its own, which looks like the others.
    lines[2::2] = [line.replace(",normal", ",salt") for line in lines[2::2]]
    (data / "labels.csv").write_text("\n".join(lines))

    code, result = run(environment, GATE=GATE, GATE_UNCOMPARED="refuse", DATA_DIR=str(data))

    told = result["gate"]
    assert (code, told["compared"]) == (0, True)
    assert told["note"] == ("the champion (version 1) does not know the class salt, so it cannot find it")
    assert set(result["metrics"]["perClass"]) == {"anomaly", "boundary", "normal", "salt"}
    theirs = told["champion"]["metrics"]
    assert theirs["perClass"]["salt"]["recall"] == 0
    left = client.get_run(result["runId"]).data
    assert left.metrics["champion_recall_salt"] == 0
    assert "does not know the class salt" in left.tags["mlflow.note.content"]


def test_the_champion_is_not_compared_with_itself(environment, client, champion):
    _, result = run(environment, GATE=GATE)
    assert (result["version"], result["alias"], result["reproduced"]) == ("1", "champion", True)
    assert result["gate"] == {
        "passed": True, "reasons": [], "compared": False, "champion": None,
        "note": "the candidate is the champion (version 1) itself",
    }  # fmt: skip
    assert client.get_registered_model(environment["MODEL_NAME"]).aliases == {"champion": "1"}


def test_a_gate_that_warns_lets_a_worse_candidate_pass(environment, client, champion):
    bounds = {"modelBytes": {"max": 1000}, "logLoss": {"max": 100}}
    gate = json.dumps(json.loads(GATE) | {"bounds": bounds, "mode": "warn"})
    code, result = run(environment, GATE=gate, HYPERPARAMETERS=POOR)
    told = result["gate"]
    assert (code, told["passed"], told["compared"]) == (0, True, True)
    size, lost, *_ = told["reasons"]
    assert re.fullmatch(r"modelBytes \d+\.000 is above the bound 1000\.000", size)
    assert lost.startswith("macro F1 ")
    version = client.get_model_version(environment["MODEL_NAME"], result["version"])
    tags = {"gate": "warned", "gate_reasons": "\n".join(told["reasons"])}
    assert tags.items() <= version.tags.items()
    run_of = client.get_run(result["runId"])
    assert tags.items() <= run_of.data.tags.items()
    assert size.startswith(f"modelBytes {run_of.data.metrics['model_bytes']:.3f} ")


def test_a_first_model_meets_the_floors_only_and_may_pass_later(environment, client):
    code, first = run(environment, GATE=FLOOR)
    assert (code, first["gate"]["passed"], first["gate"]["champion"]) == (0, False, None)
    (reason,) = first["gate"]["reasons"]
    assert reason.endswith("is below the floor 0.999")

    def tags():
        tags = client.get_model_version(environment["MODEL_NAME"], "1").tags
        return {name: value for name, value in tags.items() if name.startswith("gate")}

    assert tags() == {"gate": "refused", "gate_reasons": reason}
    _, again = run(environment, GATE=GATE)
    assert (again["reproduced"], again["gate"]["note"]) == (True, "there is no champion yet")
    assert tags() == {"gate": "passed"}
    _, without = run(environment)
    assert (without["gate"]["passed"], without["gate"]["note"]) == (True, "there is no gate")
    assert tags() == {"gate": "none"}


def test_a_champion_for_other_traces_is_told_and_its_code_is_not_run(
    environment, its_files, tmp_path, capsys
):
    (own,) = its_files.rglob("code/seismic/features.py")
    own.write_text(f"open({str(tmp_path / 'mark')!r}, 'w').close()\n")
    write_demo(tmp_path / "data", inlines=24, crosslines=40, samples=60, seed=7)
    code, result = run(environment, GATE=GATE, DATA_DIR=str(tmp_path / "data"))
    assert (code, result["gate"]["passed"], result["gate"]["compared"]) == (0, True, False)
    note = result["gate"]["note"]
    assert note.startswith("the champion (version 1) cannot be scored: ValueError: expected traces of shape ")
    assert f"WARNING gate: only the floors count, for {note}" in capsys.readouterr().err
    assert not (tmp_path / "mark").exists()


def test_a_champion_whose_files_are_gone(environment, its_files):
    shutil.rmtree(its_files / "models")
    code, result = run(environment, GATE=GATE, HYPERPARAMETERS=POOR)
    assert (code, result["gate"]["passed"], result["gate"]["compared"]) == (0, True, False)
    note = result["gate"]["note"]
    assert note.startswith("the champion (version 1) cannot be scored: it lost its files: MLflow has no")
    code, result = run(environment, GATE=GATE, HYPERPARAMETERS=POOR, GATE_UNCOMPARED="refuse")
    assert (code, result["gate"]["passed"], result["gate"]["compared"]) == (0, False, False)
    assert result["gate"]["reasons"] == [f"{note}; {REMEDY}"]


@pytest.mark.usefixtures("its_files")
def test_the_champion_is_what_the_deployment_serves(environment, client, server, champion):
    """A moved alias does not open the gate, and exchanged files do not either."""
    client.delete_registered_model_alias(environment["MODEL_NAME"], "champion")
    serving = {
        "CHAMPION_VERSION": champion["version"],
        "CHAMPION_SHA256": champion["sha256"],
        "CHAMPION_FILES_SHA256": champion["filesSha256"],
        "GATE_UNCOMPARED": "refuse",
    }
    _, poor = run(environment, GATE=GATE, HYPERPARAMETERS=POOR, **serving)
    assert (poor["gate"]["passed"], poor["gate"]["compared"]) == (False, True)
    # Replace the champion's file by the poor model's, with which a comparison would be easy.
    first, second = (
        next(server.artifacts.rglob(f"{model}/artifacts/model.skops"))
        for model in [
            client.get_model_version(environment["MODEL_NAME"], number).source.removeprefix("models:/")
            for number in ("1", "2")
        ]
    )
    shutil.copy(second, first)
    _, result = run(environment, GATE=GATE, HYPERPARAMETERS=POOR, **serving)
    assert not result["gate"]["passed"]
    (reason,) = result["gate"]["reasons"]
    assert "cannot be scored: kit.registry.model_files.OtherHash: has files of hash " in reason


def test_files_of_a_version_are_hashed_when_it_is_made_and_made_again(environment, its_files, champion):
    assert re.fullmatch("[0-9a-f]{64}", champion["filesSha256"])
    _, again = run(environment)
    assert (again["version"], again["filesSha256"]) == ("1", champion["filesSha256"])
    # Files with another model do not belong to this version.
    (file,) = its_files.rglob("model.skops")
    file.write_bytes(b"payload")
    _, anew = run(environment)
    assert (anew["version"], anew["reproduced"], anew["sha256"]) == ("2", False, champion["sha256"])


def test_mlflow_that_does_not_give_the_champion_is_unreachable(environment, champion, monkeypatch, capsys):
    def fail(*_, **__):
        raise requests.exceptions.ConnectionError("refused")

    monkeypatch.setattr(ModelsArtifactRepository, "download_artifacts", fail)
    assert run(environment, GATE=GATE) == (protocol.MLFLOW_UNREACHABLE, None)
    assert "did not answer while fetching version 1" in capsys.readouterr().err


def test_without_registering_mlflow_is_not_met(environment, data, champion):
    alone = {name: environment[name] for name in ("HYPERPARAMETERS", "THREADS")}
    code, result = run(alone, DATA_DIR=str(data), REGISTER="false", GATE=FLOOR)
    assert code == 0
    learnt = {name: champion[name] for name in ("sha256", "metrics", "dataSha256", "tuning")}
    assert result == {**learnt, "registered": False}
