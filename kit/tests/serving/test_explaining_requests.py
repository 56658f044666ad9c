"""Requests for an explanation that are refused, and what is told and counted of them."""

import functools

import numpy as np
import pytest

from kit.drift.reference import Reference
from kit.server.testing import ask
from kit.serving.probabilities import stepwise

from .customers import COLUMNS, customer, served
from .explained import CLASSIFIER, REGRESSOR, ROW, ROWS, explain, explained, refusal

NO_STEPS = "no steps of its pipeline lead from the 2 features to its answers"


def showing(change):
    """Predicts as the regressor does, and shows other features than it has."""

    def predict(rows, observe=None):
        return stepwise(REGRESSOR)(rows, observe and (lambda features: observe(change(features))))

    return predict


@pytest.mark.parametrize(
    "predict",
    [
        lambda rows, observe=None: stepwise(REGRESSOR)(rows),
        showing(lambda features: features[:, :1]),
        showing(lambda features: features + 1),
        lambda rows, observe=None: 2 * stepwise(REGRESSOR)(rows, observe),
    ],
    ids=["shows nothing", "shows too little", "shows other features", "changes what the last step says"],
)
def test_a_model_whose_features_do_not_lead_to_its_answers_is_not_explained(predict):
    service = explained(REGRESSOR, probabilities=predict)

    assert refusal(service) == NO_STEPS
    assert 'model_request_errors_total{kind="unexplained"} 1.0' in ask(service, "GET", "/metrics").text


def test_a_version_without_a_reference_is_not_explained(caplog):
    assert "no drift_reference.json" in refusal(served(CLASSIFIER))
    assert not caplog.messages


def test_a_model_whose_steps_fail_alone_is_served_with_a_line_in_the_log(caplog):
    def predict(rows, observe=None):
        return stepwise(REGRESSOR)(rows[:, :2], observe)

    reference = Reference.of(REGRESSOR[0].transform(ROWS), COLUMNS)
    service = served(REGRESSOR, probabilities=predict, n_values=3, reference=reference)

    assert refusal(service) == "one of its steps failed; the service's log has more"
    [said] = caplog.messages
    assert said.startswith("answers of Customers version 4 cannot be explained: X has 3 features")


def test_what_is_no_prediction_is_no_explanation(caplog):
    def nan(rows, observe=None):
        found = stepwise(REGRESSOR)(rows, observe)
        return np.where(rows[:, :1] == 5, np.nan, found)

    answer = ask(
        explained(REGRESSOR, probabilities=nan), "POST", "/explain", json={"customer": customer(ROW)}
    )

    assert (answer.status_code, answer.json()["error"]["kind"]) == (500, "prediction")
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("service", [explained(CLASSIFIER), served(CLASSIFIER)], ids=["with", "without"])
def test_requests_are_refused_as_those_of_predict(service):
    call = functools.partial(ask, service)
    headers = {"content-type": "application/json"}

    get = call("GET", "/explain")
    assert (get.status_code, get.headers["allow"]) == (405, "POST")
    missing = call("POST", "/explain", json={"customer": {"age": 1}})
    assert (missing.status_code, missing.json()["error"]["field"]) == (422, "income")
    assert call("POST", "/explain", content=b"{}", headers={"content-type": "text/csv"}).status_code == 415
    assert call("POST", "/explain", content=b" " * 1001, headers=headers).status_code == 413


@pytest.mark.parametrize(("pipeline", "of"), [(CLASSIFIER, {"output", "class"}), (REGRESSOR, {"output"})])
def test_openapi_describes_the_answer(pipeline, of):
    service = explained(pipeline)
    document = ask(service, "GET", "/openapi.json").json()

    operation = document["paths"]["/explain"]["post"]
    schemas = document["components"]["schemas"]
    assert operation["requestBody"] == document["paths"]["/predict"]["post"]["requestBody"]
    assert set(operation["responses"]) == {"200", "400", "401", "409", "413", "415", "422", "500"}
    answer = explain(service)
    explanation = schemas["Explained"]["properties"]["explanation"]
    feature = explanation["properties"]["features"]["items"]
    assert set(answer) == set(schemas["Explained"]["required"])
    assert set(answer["explanation"]) == set(explanation["required"]) == of | {"feature_count", "features"}
    assert set(answer["explanation"]["features"][0]) == set(feature["required"])
    assert explanation["properties"]["output"]["const"] == answer["explanation"]["output"]
    assert "/explain</h2>" in ask(service, "GET", "/docs").text
