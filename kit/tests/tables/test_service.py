"""The service of any table: predictions, uploads, OpenAPI, drift, counts of strange rows, for both tasks."""

import functools

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from kit.contract.protocol import ConfigurationError
from kit.drift.reference import Reference
from kit.registry.fingerprint import model_sha256
from kit.server.testing import ask
from kit.serving.app import Service
from kit.serving.model import ServedModel

from .wines import CLASSIFIER, COLUMNS, REGRESSOR, ROWS, TRAINER, as_json

ALCOHOL, ASH = COLUMNS
HEADER = 'alcohol,"ash ""}"""'


def variables(pipeline, **more):
    return {
        "MLFLOW_TRACKING_URI": "http://localhost:1", "MODEL_NAME": "Wine", "MODEL_VERSION": "4",
        "MODEL_SHA256": model_sha256(pipeline), "ENVIRONMENT": "dev", **more,
    }  # fmt: skip


@pytest.fixture
def serve():
    def of(pipeline, **more):
        settings = TRAINER.settings.from_environment(variables(pipeline, **more))
        handler = TRAINER.handler(pipeline, "Wine version 4", settings)
        reference = Reference.of(ROWS.astype(float), COLUMNS)
        sha256 = settings.model_sha256
        served = ServedModel.of(pipeline, handler, "Wine", "4", sha256, {}, ROWS[0], reference)
        return Service(served, settings)

    return of


@pytest.fixture
def service(serve):
    return serve(CLASSIFIER)


@pytest.fixture
def call(service):
    return functools.partial(ask, service)


def upload(*lines):
    return {"content": "\n".join([*lines, ""]), "headers": {"content-type": "application/octet-stream"}}


def test_rows_are_classified_alone_and_together(call):
    alone = call("POST", "/predict", json={"row": as_json(ROWS[0])}).json()
    together = call("POST", "/batch_predict", json={"rows": [as_json(row) for row in ROWS]}).json()
    expected = CLASSIFIER.predict_proba(ROWS)
    assert alone["class"] == CLASSIFIER.predict(ROWS[:1])[0]
    found = [list(each["probabilities"].values()) for each in together["predictions"]]
    np.testing.assert_allclose(found, expected)


def test_values_are_predicted_in_the_same_way(serve):
    service = serve(REGRESSOR)
    told = ask(service, "POST", "/predict", json={"row": as_json(ROWS[0])}).json()
    assert told["value"] == pytest.approx(3 * ROWS[0, 0], rel=1e-5)
    text = ask(service, "POST", "/batch_predict", **upload(HEADER, "2,0", "-1,5")).text
    header, *lines = text.splitlines()
    assert header == "line,value"
    assert [float(line.split(",")[1]) for line in lines] == pytest.approx([6, -3], abs=1e-4)


def test_an_answer_is_explained_by_the_columns(call):
    told = call("POST", "/explain", json={"row": as_json(ROWS[0])}).json()
    features = told["explanation"]["features"]
    assert {each["name"]: each["value"] for each in features} == as_json(ROWS[0])
    medians = dict(zip(COLUMNS, np.sort(ROWS, axis=0)[(len(ROWS) - 1) // 2], strict=True))
    for each in features:
        assert each["reference"] == medians[each["name"]]
        replaced = as_json(ROWS[0]) | {each["name"]: each["reference"]}
        without = call("POST", "/predict", json={"row": replaced}).json()["probabilities"]
        assert each["effect"] == pytest.approx(told["probabilities"][told["class"]] - without[told["class"]])
    assert features[0]["effect"] != 0


def test_the_sample_is_a_body_of_predict(call):
    sample = call("GET", "/sample").json()
    assert call("POST", "/predict", json=sample).status_code == 200
    assert np.float32(sample["row"][ALCOHOL]) == ROWS[0, 0]
    assert call("GET", "/model_info").json()["columns"] == list(COLUMNS)


def test_a_wrong_row_is_an_answer_with_its_place(call):
    answer = call("POST", "/batch_predict", json={"rows": [as_json(ROWS[0]), {ALCOHOL: 1}]})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "rows[1]")


def test_openapi_names_every_column(call):
    schemas = call("GET", "/openapi.json").json()["components"]["schemas"]
    row = schemas["RowRequest"]["properties"]["row"]
    assert (list(row["properties"]), row["required"]) == (list(COLUMNS), list(COLUMNS))
    assert row["additionalProperties"] is False
    assert "CsvForm" in schemas


def test_an_uploaded_file_is_answered_line_by_line(call):
    lines = [f"{b},{a}" for a, b in ROWS.tolist()]
    lines.insert(2, "")
    answer = call("POST", "/batch_predict", **upload('"ash ""}""",alcohol', *lines))
    assert answer.headers["content-type"].startswith("text/csv")
    header, *told = answer.text.splitlines()
    assert header == "line,class,probability_red,probability_white"
    # The lines are those of the file, as an editor counts them.
    assert [line.split(",")[0] for line in told[:4]] == ["2", "3", "5", "6"]
    assert [line.split(",")[1] for line in told] == CLASSIFIER.predict(ROWS).tolist()


def test_a_form_may_have_the_file_with_the_trainings_other_columns(serve):
    service = serve(CLASSIFIER, TRAINER_SETTINGS='{"group": "customer"}')
    file = f"customer,{HEADER},label\nnobody,1,2,\n".encode()
    answer = ask(service, "POST", "/batch_predict", files={"file": file})
    assert (answer.status_code, len(answer.text.splitlines())) == (200, 2)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "not readable (it is empty); put a CSV file with a header there"),
        ([HEADER], "it has a header, and no rows"),
        ([HEADER, ""], "it has a header, and no rows"),
        (["alcohol", "1"], f"line 1: missing: {ASH}; expected alcohol, {ASH}"),
        ([f"{HEADER},acid", "1,2,3"], "line 1: unknown: acid; expected"),
        ([f"{HEADER},customer", "1,2,3"], "line 1: unknown: customer; expected"),
        ([HEADER, "1,2", "1,nan"], f"line 3, column {ASH}: got 'nan'; needs a finite number: correct it"),
        ([HEADER, "1"], f"line 2, column {ASH}: got ''; needs a finite number"),
        ([HEADER, *["1,2"] * 3000, "1e39,2"], "line 3002, column alcohol: got '1e39'; needs a finite number"),
        ([HEADER, "1,2,3"], "a line has more cells than the header; correct it"),
        ([HEADER, "1,2", "1,2,3"], "not readable ("),
    ],
)
def test_an_upload_that_is_not_right_is_refused_before_the_first_answer(call, lines, said):
    content = upload(*lines) if lines else upload() | {"content": ""}
    answer = call("POST", "/batch_predict", **content)
    error = answer.json()["error"]
    assert (answer.status_code, error["kind"], error["field"]) == (422, "invalid_csv", "file")
    assert error["message"].startswith(said)
    assert "/tmp" not in error["message"]


def test_drift_and_strange_rows_are_counted_by_the_columns(call, service):
    for start in range(0, 400, 50):
        call("POST", "/batch_predict", json={"rows": [as_json(row * 8) for row in ROWS[start : start + 50]]})
    call("POST", "/predict", json={"row": {ALCOHOL: None, ASH: 1}})
    service.watch.look()
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(call("GET", "/metrics").text)
        for sample in family.samples
    }
    (drift,) = [value for names, value in told.items() if names[0].endswith("_drift_score")]
    assert drift > 0.2
    assert {names[-1] for names in told if names[0].endswith("_feature_drift_psi")} == set(COLUMNS)
    width = np.ptp(ROWS, axis=0)
    low, high = ROWS.min(axis=0) - width, ROWS.max(axis=0) + width
    far = ((low > ROWS * 8) | (high < ROWS * 8)).any(axis=1).sum()
    strange = {names[-1]: value for names, value in told.items() if names[0].endswith("_input_rows_total")}
    assert strange == {"nonfinite": 1, "out_of_range": far}
    assert far > 10


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{"depth": 3}', "TRAINER_SETTINGS: depth: no such setting; there are target, group"),
        ('{"target": ""}', 'TRAINER_SETTINGS: target: got ""; expected '),
        ('{"group": "label"}', "TRAINER_SETTINGS: target and group: both are 'label'; give two columns"),
        ("[]", "TRAINER_SETTINGS: expected a JSON object such as"),
    ],
)
def test_wrong_settings_are_told(given, said):
    with pytest.raises(ConfigurationError) as raised:
        TRAINER.settings.from_environment(variables(CLASSIFIER, TRAINER_SETTINGS=given))
    assert str(raised.value).startswith(said)
