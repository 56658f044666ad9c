import re
from pathlib import Path

import numpy as np
import pytest
import trainer_contract as agreed
from sklearn.preprocessing import FunctionTransformer

from kit import server, serving
from kit.server.errors import ModelRefused
from kit.serving import explaining
from seismic import serving as model_serving

from .conftest import INTERVAL_US, SAMPLES, served


def test_health_ready_and_version(call, environment, service):
    sha256 = environment["MODEL_SHA256"]

    assert call("GET", "/health").json() == {"status": "ok"}
    assert call("GET", "/ready").json() == {"ready": True, "version": "1", "sha256": sha256}
    assert call("GET", "/version").json() == {
        "commit": "0123abc",
        "dirty": True,
        "release": "v1",
        "environment": "dev",
        "image": "trainer:abc",
        "model_name": "Seismic",
        "model_version": "1",
        "model_sha256": sha256,
    }
    assert agreed.problems(call("GET", "/version").json(), "served") == []


def test_head_is_get_without_the_body(call, service):
    paths = [route.path for route in service.api.routes if "GET" in route.methods]
    assert {"/health", "/ready", "/version", "/metrics", "/docs", "/openapi.json"} <= set(paths)

    for path in paths:
        got, head = call("GET", path), call("HEAD", path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["content-type"] == got.headers["content-type"]

    service.draining = True
    assert call("HEAD", "/ready").status_code == 503
    assert call("HEAD", "/predict").status_code == 405
    assert call("HEAD", "/predictions").status_code == 404


def test_model_info(call):
    info = call("GET", "/model_info").json()

    assert (info["n_samples"], info["interval_us"]) == (SAMPLES, INTERVAL_US)
    assert info["classes"] == ["anomaly", "boundary", "normal"]
    assert info["classifier"] == "LogisticRegression"
    assert info["feature_names"][:2] == ["mean", "std"]
    assert len(info["feature_names"]) == 16
    assert info["metrics"] == {"f1": 0.5}


def test_draining_is_not_ready_but_predicts_and_closes_connections(call, service):
    service.draining = True

    ready = call("GET", "/ready")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    answer = call("POST", "/predict", json={"trace": [1.0] * SAMPLES})
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"


def test_metrics_count_classes_errors_and_calls(call, traces):
    call("POST", "/batch_predict", json={"traces": traces[:10].tolist() + traces[80:84].tolist()})
    call("POST", "/predict", json={"trace": []})
    text = call("GET", "/metrics").text

    counts = re.findall(r'^model_predictions_total\{class="(\w+)",version="1"\} (\S+)', text, re.MULTILINE)
    assert sum(float(count) for _, count in counts) == 14
    assert [label for label, _ in counts] == ["anomaly", "boundary", "normal"]
    assert 'model_request_errors_total{kind="invalid_input"} 1.0' in text
    assert 'model_prediction_latency_seconds_count{endpoint="/batch_predict"} 1.0' in text
    assert "model_call_rows_sum 14.0" in text
    assert "model_requests_in_flight 1.0" in text  # this very one
    assert 'environment="dev"' in re.search(r"^model_info\{(.*)\} 1.0$", text, re.MULTILINE)[1]


def test_openapi_describes_the_predictions_with_this_models_sizes(call):
    document = call("GET", "/openapi.json").json()

    assert {"/predict", "/batch_predict", "/ready", "/model_info", "/version"} <= set(document["paths"])
    schemas = document["components"]["schemas"]
    trace = schemas["TraceRequest"]["properties"]["trace"]
    assert (trace["minItems"], trace["maxItems"]) == (SAMPLES, SAMPLES)
    assert schemas["Prediction"]["properties"]["class"]["enum"] == ["anomaly", "boundary", "normal"]
    content = document["paths"]["/batch_predict"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data", "application/octet-stream"}
    referenced = set(re.findall(r"#/components/schemas/(\w+)", call("GET", "/openapi.json").text))
    assert referenced <= set(schemas)


def test_openapi_has_every_status_that_a_path_answers_with(call):
    responses = {
        path: set(operation["responses"])
        for path, operations in call("GET", "/openapi.json").json()["paths"].items()
        for operation in operations.values()
    }
    of_one_body = {"200", "400", "401", "413", "415", "422", "500"}
    assert responses == {
        "/predict": of_one_body,
        "/batch_predict": of_one_body | {"408", "503"},
        "/explain": of_one_body | {"409"},
        "/health": {"200", "500"},
        "/ready": {"200", "401", "500", "503"},
        "/model_info": {"200", "401", "500"},
        "/sample": {"200", "401", "404", "500"},
        "/version": {"200", "401", "500"},
        "/metrics": {"200", "401", "500"},
    }


def test_openapi_has_every_status_that_the_code_names(call):
    """Statuses of other methods and paths, and the gateway's own, are left out."""
    rooms = [Path(room.__file__).parent for room in (serving, explaining, server, model_serving)]
    raised = re.compile(r"\b(?:RequestError|HTTPException)\(\s*(\d{3})\b")
    named = {
        status for room in rooms for file in room.glob("*.py") for status in raised.findall(file.read_text())
    }
    assert {"400", "408", "413", "422", "503"} <= named
    documented = {
        status
        for operations in call("GET", "/openapi.json").json()["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
    }
    assert named - {"405"} == documented - {"200", "401"}


def test_docs_need_no_internet_and_name_every_path(call):
    page = call("GET", "/docs")

    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert not re.search(r"(src|href)=\"?(https?:)?//", page.text)
    for path in call("GET", "/openapi.json").json()["paths"]:
        assert f"</span>{path}</h2>" in page.text


def test_a_model_that_loads_but_predicts_nan_is_refused(pipeline):
    steps = dict(pipeline.steps)
    steps["scale"] = FunctionTransformer(lambda values: values * np.nan).fit(np.zeros((1, 16)))
    broken = type(pipeline)(list(steps.items()))

    with pytest.raises(
        ModelRefused, match=r"MODEL_VERSION: Seismic version 1 (predicts no|does not predict)"
    ):
        served(broken)
