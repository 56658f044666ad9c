"""A trainer whose model predicts a value has the same service as one whose model tells classes."""

import functools

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kit.server.testing import ask

from .customers import Lines, customer, served

ROWS = np.random.default_rng(1).normal(0, 1, (400, 2)).astype(np.float32)
PIPELINE = Pipeline([("scale", StandardScaler()), ("regressor", LinearRegression())]).fit(
    ROWS, 10 + 3 * ROWS[:, 0] - ROWS[:, 1]
)
METRICS = {"rmse": 0.25, "mae": 0.125, "r2": 0.5, "log_loss": 1.0}


@pytest.fixture
def call():
    return functools.partial(
        ask, served(PIPELINE, sample=ROWS[0], details={"metrics": METRICS}, files=Lines())
    )


@pytest.fixture
def told(call):
    def read():
        families = text_string_to_metric_families(call("GET", "/metrics").text)
        return {
            (sample.name, *sample.labels.items()): sample.value
            for family in families
            for sample in family.samples
        }

    return read


def test_rows_are_predicted_alone_and_together(call):
    expected = PIPELINE.predict(ROWS[:5])

    alone = call("POST", "/predict", json={"customer": customer(ROWS[0].tolist())}).json()
    together = call(
        "POST", "/batch_predict", json={"customers": [customer(row.tolist()) for row in ROWS[:5]]}
    ).json()

    assert alone == {"value": pytest.approx(expected[0]), "version": "4"}
    assert together == {"predictions": [{"value": pytest.approx(each)} for each in expected], "version": "4"}


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_a_file_gets_a_column_of_values(call, rows):
    text = "\n".join(f"{age!r},{income!r}" for age, income in ROWS[:rows].tolist())

    answer = call("POST", "/batch_predict", files={"file": text.encode()})

    header, *lines = answer.text.splitlines()
    assert (answer.status_code, header) == (200, "customer,region,value")
    assert [line.rpartition(",")[0] for line in lines] == [f"{place},north" for place in range(rows)]
    values = [float(line.rpartition(",")[2]) for line in lines]
    np.testing.assert_allclose(values, PIPELINE.predict(ROWS)[:rows], rtol=1e-12)


def test_its_predictions_are_counted_and_their_mean_is_told(call, told):
    call("POST", "/predict", json={"customer": customer(ROWS[0].tolist())})
    call("POST", "/batch_predict", json={"customers": [customer(row.tolist()) for row in ROWS[:5]]})

    expected = PIPELINE.predict(ROWS[[0, 0, 1, 2, 3, 4]])
    counts = told()
    assert counts["model_predictions_total", ("class", ""), ("version", "4")] == 6
    assert counts["model_predicted_value_count",] == 6
    assert counts["model_predicted_value_sum",] == pytest.approx(expected.sum())
    figures = {name.removeprefix("model_"): value for (name, *_), value in counts.items()}
    assert {name: figures.get(name) for name in METRICS} == METRICS | {"log_loss": None}
    assert "accuracy" not in figures


def test_it_is_described_as_what_it_is(call):
    info = call("GET", "/model_info").json()
    document = call("GET", "/openapi.json").json()

    assert (info["kind"], info["regressor"]) == ("regression", "LinearRegression")
    assert info.keys() & {"classes", "classifier"} == set()
    assert call("GET", "/version").json()["model_version"] == "4"
    assert call("GET", "/sample").json() == {"customer": customer(ROWS[0].tolist())}
    prediction = document["components"]["schemas"]["Prediction"]
    assert prediction["properties"].keys() == {"value", "version"}
    assert prediction["properties"]["value"] == {"type": "number"}
    assert document["paths"]["/predict"]["post"]["summary"] == "Predict the value of one customer"
    csv = document["paths"]["/batch_predict"]["post"]["responses"]["200"]["content"]["text/csv"]
    assert csv["example"] == "customer,region,value"
    assert "class" not in call("GET", "/docs").text.replace('class="method"', "")
