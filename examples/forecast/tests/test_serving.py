"""The service of a model: forecasts as the pipeline's, and what a window lacks."""

import functools

import pytest
import trainer_contract as agreed

from forecast.serving import TRAINER
from forecast.status import Settings as StatusSettings
from forecast.windows import to_json
from kit.server.testing import ask
from kit.serving.app import Service
from kit.serving.model import ServedModel

VARIABLES = {
    "MLFLOW_TRACKING_URI": "http://localhost:1", "MODEL_NAME": "Demand", "MODEL_VERSION": "4",
    "MODEL_SHA256": "0" * 64, "ENVIRONMENT": "dev", "TRAINER_SETTINGS": '{"horizon": 48}',
}  # fmt: skip


@pytest.fixture(scope="module")
def run(trained):
    return trained()


@pytest.fixture
def call(run):
    one, data, _ = run
    settings = TRAINER.settings.from_environment(VARIABLES)
    handler = TRAINER.handler(one.pipeline, "Demand version 4", settings)
    sample = data.rows(one.split.hold_out[:1])[0]
    sha256 = settings.model_sha256
    model = ServedModel.of(one.pipeline, handler, "Demand", "4", sha256, {}, sample, one.reference)
    return functools.partial(ask, Service(model, settings))


def test_a_forecast_alone_and_in_a_batch_is_the_pipelines(call, run):
    one, data, _ = run
    windows = [to_json(None, row) for row in data.rows(one.split.hold_out[:20])]
    expected = one.predictions[:20, 0].tolist()
    alone = [call("POST", "/predict", json={"window": window}).json()["value"] for window in windows]
    batch = call("POST", "/batch_predict", json={"windows": windows}).json()["predictions"]
    assert alone == [each["value"] for each in batch] == expected


def test_the_sample_is_a_body_of_predict_and_the_model_tells_its_horizon(call):
    sample = call("GET", "/sample").json()
    assert call("POST", "/predict", json=sample).status_code == 200
    info = call("GET", "/model_info").json()
    # The model was trained with another horizon than the stack's present settings have.
    assert (info["horizon"], info["history"], info["kind"]) == (24, 168, "regression")
    assert agreed.problems(call("GET", "/version").json(), "served") == []


def test_a_forecast_is_explained_by_features_of_its_window(call, run):
    one, data, _ = run
    sample = call("GET", "/sample").json()
    told = call("POST", "/explain", json=sample).json()
    explanation = told["explanation"]
    assert told["value"] == call("POST", "/predict", json=sample).json()["value"]
    assert (explanation["output"], explanation["feature_count"]) == ("value", len(one.feature_names))
    first = explanation["features"][0]
    features = one.pipeline[0].transform(data.rows(one.split.hold_out[:1]))
    features[0, one.feature_names.index(first["name"])] = first["reference"]
    assert first["effect"] == pytest.approx(told["value"] - one.pipeline[1:].predict(features)[0])
    assert first["effect"] != 0


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"time": "2026-01-05T00:30:00Z"}, "window.time", "expected a full hour in UTC, such as "),
        ({"time": 7}, "window.time", "expected a valid string, got 7"),
        ({"temperature": None}, "window.temperature", "expected a valid number, got null"),
        ({"history": [1.0] * 167}, "window.history", "List should have at least 168 items"),
        ({"wind": 1}, "window.wind", "unknown field"),
    ],
)
def test_a_wrong_window_is_refused_by_its_place(call, changes, field, says):
    window = call("GET", "/sample").json()["window"] | changes
    answer = call("POST", "/predict", json={"window": window})
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert error["message"].startswith(says)


def test_the_status_page_takes_the_settings_of_the_stack():
    given = {
        "MLFLOW_TRACKING_URI": "http://localhost:1", "MLFLOW_EXPERIMENT_NAME": "demand",
        "MODEL_NAME": "Demand", "ENVIRONMENT": "dev", "STACK": "dev", "TRAINER_SETTINGS": '{"horizon": 48}',
    }  # fmt: skip
    assert StatusSettings.from_environment(given).trainer_settings.horizon == 48
