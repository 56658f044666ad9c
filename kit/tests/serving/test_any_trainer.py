"""A trainer that gives only what it must has the whole service. The first trainer's tests hold the rest."""

import functools

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kit.contract.protocol import ConfigurationError
from kit.drift.reference import Reference
from kit.server.testing import ask

from .customers import COLUMNS, TRAINER, VARIABLES, customer, served

ROWS = np.random.default_rng(1).normal(0, 1, (400, 2)).astype(np.float32)
PIPELINE = Pipeline([("scale", StandardScaler()), ("classifier", LogisticRegression())]).fit(
    ROWS, np.where(ROWS[:, 0] > 0, "leaves", "stays")
)


@pytest.fixture
def service():
    scaled = PIPELINE[0].transform(ROWS)
    return served(PIPELINE, sample=ROWS[0], reference=Reference.of(scaled, COLUMNS))


@pytest.fixture
def call(service):
    return functools.partial(ask, service)


def test_rows_of_its_own_form_are_predicted_alone_and_together(call):
    expected = PIPELINE.predict_proba(ROWS[:5])

    alone = call("POST", "/predict", json={"customer": customer(ROWS[0].tolist())}).json()
    together = call(
        "POST", "/batch_predict", json={"customers": [customer(row.tolist()) for row in ROWS[:5]]}
    ).json()

    assert alone["version"] == together["version"] == "4"
    assert alone["class"] == PIPELINE.predict(ROWS[:1])[0]
    found = [list(each["probabilities"].values()) for each in together["predictions"]]
    np.testing.assert_allclose(found, expected)
    assert list(alone["probabilities"]) == ["leaves", "stays"]


def test_its_errors_are_answers_and_counts(call):
    answer = call("POST", "/predict", json={"customer": {"age": 1}})

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "income")
    assert 'model_request_errors_total{kind="invalid_input"} 1.0' in call("GET", "/metrics").text


def test_openapi_has_its_fields_and_no_files(call):
    document = call("GET", "/openapi.json").json()

    schemas = document["components"]["schemas"]
    assert document["info"]["title"] == "Customers"
    assert set(schemas["CustomerRequest"]["properties"]) == {"customer"}
    assert schemas["BatchRequest"]["properties"]["customers"]["items"]["type"] == "object"
    batch = document["paths"]["/batch_predict"]["post"]
    assert set(batch["requestBody"]["content"]) == {"application/json"}
    assert set(batch["responses"]["200"]["content"]) == {"application/json"}
    assert "file" not in batch["summary"]
    assert call("GET", "/docs").status_code == 200


def test_without_a_reader_of_files_an_upload_is_refused(call):
    answer = call("POST", "/batch_predict", files={"file": b"age,income"})

    assert answer.status_code == 415
    assert answer.json()["error"]["message"].startswith("expected application/json, got multipart/form-data")


def test_its_facts_and_its_example_are_told(call):
    told = call("GET", "/model_info").json()

    assert (told["columns"], told["feature_names"]) == (list(COLUMNS), list(COLUMNS))
    assert (told["kind"], told["classes"]) == ("classification", ["leaves", "stays"])
    assert told["classifier"] == "LogisticRegression"
    assert call("GET", "/sample").json() == {"customer": customer(ROWS[0].tolist())}


def test_its_features_are_watched_for_drift_by_name(call, service):
    for start in range(0, 400, 50):
        rows = ROWS[start : start + 50] * 4
        call("POST", "/batch_predict", json={"customers": [customer(row.tolist()) for row in rows]})
    service.watch.look()

    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(call("GET", "/metrics").text)
        for sample in family.samples
    }
    assert told["model_drift_score",] > 0.2
    assert {names[1] for names in told if names[0] == "model_feature_drift_psi"} == set(COLUMNS)
    assert not any(names[0].startswith("model_input") for names in told)


@pytest.mark.parametrize("given", ["", "{}"])
def test_settings_of_its_own_are_none(given):
    settings = TRAINER.settings.from_environment(VARIABLES | {"TRAINER_SETTINGS": given})

    assert settings.trainer_settings is None


def test_a_setting_that_it_does_not_know_is_refused():
    with pytest.raises(ConfigurationError, match=r"^TRAINER_SETTINGS: got depth; this trainer has no"):
        TRAINER.settings.from_environment(VARIABLES | {"TRAINER_SETTINGS": '{"depth": 3}'})
