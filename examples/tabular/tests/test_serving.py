"""A model that the package trains is served as it was judged."""

import json

import pytest
import trainer_contract as agreed

from kit.registry.model_files import ModelFiles, stored_bytes
from kit.server.testing import ask
from kit.serving.app import Service
from kit.serving.model import ServedModel
from kit.training import fitting
from kit.training.artifacts.expectations import write_expectations
from tabular.serving import TRAINER as SERVING
from tabular.training import TRAINER


@pytest.fixture(scope="module")
def run(data):
    """The learner, the data and the fitted model of one run."""
    given = {"REGISTER": "false", "DATA_DIR": str(data), "HYPERPARAMETERS": '{"C": 1.0}'}
    settings = TRAINER.settings.from_environment(given)
    learner = TRAINER.learner(settings)
    table = learner.read()
    return learner, table, fitting.fit(table, learner.split(table), learner, settings)


@pytest.fixture(scope="module")
def service(run):
    """The service of the stored model."""
    _, table, trained = run
    given = {
        "MLFLOW_TRACKING_URI": "http://localhost:1", "MODEL_NAME": "Wine", "MODEL_VERSION": "7",
        "MODEL_SHA256": trained.sha256, "ENVIRONMENT": "dev",
    }  # fmt: skip
    settings = SERVING.settings.from_environment(given)
    pipeline = stored_and_loaded(trained)
    handler = SERVING.handler(pipeline, "Wine version 7", settings)
    served = ServedModel.of(
        pipeline, handler, "Wine", "7", trained.sha256, {}, table.values[0], trained.reference
    )
    return Service(served, settings)


def stored_and_loaded(trained):
    """The pipeline from its file in the registry, with only the types that the package trusts."""
    import skops.io

    assert stored_bytes(trained.pipeline) < 100_000
    files = ModelFiles(skops.io.dumps(trained.pipeline))
    return files.load(trained.sha256, trusted=SERVING.code.trusted)


def test_it_answers_as_it_was_expected_to(run, service, tmp_path):
    learner, table, trained = run
    write_expectations(trained, table, learner, tmp_path)
    expected = json.loads((tmp_path / "expectations.json").read_text())
    assert agreed.problems(expected, "expectations") == []
    assert [each["path"] for each in expected["requests"]] == ["/predict", "/batch_predict"]
    for each in expected["requests"]:
        answer = ask(service, "POST", each["path"], json=each["body"]).json()
        wanted, found = (
            [part] if "class" in part else part["predictions"] for part in (each["answer"], answer)
        )
        assert [one["class"] for one in found] == [one["class"] for one in wanted]
        for one, other in zip(found, wanted, strict=True):
            assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)


def test_it_tells_what_the_contract_names(service):
    assert agreed.problems(ask(service, "GET", "/version").json(), "served") == []
    text = ask(service, "GET", "/metrics").text
    found = {name for name in agreed.metrics("serving") if f"# TYPE {name} " in text}
    # Those of another kind of model, and those that only a registered run has.
    assert any(name.endswith("drift_reference") for name in found)
    assert any(name.endswith("predictions_total") for name in found)


def test_its_sample_and_the_demo_table_are_answered(service, data):
    sample = ask(service, "GET", "/sample").json()
    assert ask(service, "POST", "/predict", json=sample).json()["version"] == "7"
    file = (data / "data.csv").read_bytes()
    answer = ask(service, "POST", "/batch_predict", files={"file": file})
    truth = [line.rpartition(",")[2] for line in file.decode().splitlines()[1:]]
    told = [line.split(",")[1] for line in answer.text.splitlines()[1:]]
    assert sum(map(str.__eq__, truth, told)) > 0.9 * len(truth)


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/version", "/sample", "/metrics", "/docs", "/openapi.json"]
)
def test_every_path_answers_head_too(service, path):
    assert [ask(service, method, path).status_code for method in ("GET", "HEAD")] == [200, 200]
