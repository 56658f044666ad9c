"""The API's answers, also to HEAD, by calls as a server makes them."""

import asyncio
import json

import pandas as pd
import pytest
import trainer_contract as agreed
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from tabular.serving import Service, Settings

ROWS = pd.DataFrame({"alcohol": [12.0, 12.5, 14.0, 14.5], "ash": [2.0, 2.1, 2.6, 2.7]})
SAMPLE = {"alcohol": 12.0, "ash": 2.0}
PATHS = ("/health", "/ready", "/version", "/sample", "/metrics", "/docs", "/openapi.json")


@pytest.fixture(scope="module")
def service():
    """One service for all tests, because its metrics belong to the process."""
    pipeline = Pipeline([("classify", LogisticRegression())]).fit(ROWS, ["a", "a", "b", "b"])
    given = {
        "MLFLOW_TRACKING_URI": "http://localhost:1", "MODEL_NAME": "Wine",
        "MODEL_VERSION": "7", "MODEL_SHA256": "0" * 64,
    }  # fmt: skip
    return Service(pipeline, SAMPLE, Settings.read(given))


@pytest.fixture
def ask(service):
    """Status, headers and body of an answer."""

    def send_one(method, path, body=None):
        content = b"" if body is None else json.dumps(body).encode()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "root_path": "", "scheme": "http", "query_string": b"",
            "headers": [(b"host", b"test"), (b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1), "server": ("test", 80),
        }  # fmt: skip
        sent = []

        async def receive():
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message):
            sent.append(message)

        asyncio.run(service.api(scope, receive, send))
        return (
            sent[0]["status"],
            dict(sent[0]["headers"]),
            b"".join(message.get("body", b"") for message in sent[1:]),
        )

    return send_one


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_status_and_the_headers_of_get(ask, path):
    got, head = ask("GET", path), ask("HEAD", path)
    assert (got[0], head[0]) == (200, 200)
    assert head[1][b"content-type"] == got[1][b"content-type"]


def test_head_tells_of_what_is_not_there_and_of_a_service_that_stops(ask, service, monkeypatch):
    assert ask("HEAD", "/nothing")[0] == 404
    assert ask("HEAD", "/predict")[0] == 405
    monkeypatch.setattr(service, "draining", True)
    assert (ask("HEAD", "/ready")[0], ask("GET", "/ready")[0]) == (503, 503)
    assert ask("HEAD", "/health")[0] == 200


def test_the_version_is_told_as_the_contract_says(ask):
    assert agreed.problems(json.loads(ask("GET", "/version")[2]), "served") == []


def test_it_has_metrics_that_the_contract_names(ask):
    text = ask("GET", "/metrics")[2].decode()
    named = {name for name in agreed.metrics("serving") if f"# TYPE {name} " in text}
    assert named == {
        "model_info", "model_predictions_total", "model_prediction_latency_seconds",
    }  # fmt: skip


def test_other_methods_stay_what_they_are(ask):
    assert ask("POST", "/health")[0] == 405
    assert ask("GET", "/predict")[0] == 405


def test_the_sample_is_a_body_of_predict(ask):
    status, _, body = ask("POST", "/predict", json.loads(ask("GET", "/sample")[2]))
    answer = json.loads(body)
    assert (status, answer["class"], answer["version"]) == (200, "a", "7")
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_a_batch_is_answered_in_its_order_and_may_be_empty(ask):
    def classes(rows):
        return [each["class"] for each in json.loads(ask("POST", "/batch_predict", rows)[2])["predictions"]]

    assert classes({"rows": [{"ash": 2.7, "alcohol": 14.5}, SAMPLE]}) == ["b", "a"]
    assert classes({"rows": []}) == []


def test_a_row_of_other_columns_or_without_numbers_is_refused(ask):
    status, _, body = ask("POST", "/predict", {"row": {"alcohol": 12.0, "acid": 1.0}})
    said = "row: missing or unknown: acid, ash; expected alcohol, ash"
    assert (status, json.loads(body)["detail"]) == (422, said)
    assert ask("POST", "/predict", {"row": SAMPLE | {"ash": "much"}})[0] == 422
