import asyncio
import json
import random

import numpy as np
import orjson
import pytest

from kit.server import http
from kit.serving.app import BATCHES_AT_ONCE
from seismic.serving.parsing import BYTES_A_SAMPLE, BYTES_AROUND

from .conftest import BODY_LIMIT, SAMPLES

JSON = {"content-type": "application/json"}
GOOD = [0.5] * SAMPLES


def post(call, path, document, headers=JSON):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return call("POST", path, content=body, headers=headers)


def test_one_trace_is_what_the_pipeline_says(call, pipeline, traces):
    answer = post(call, "/predict", {"trace": traces[40].tolist()})

    assert answer.status_code == 200
    expected = pipeline.predict_proba(traces[40:41])[0]
    assert list(answer.json()["probabilities"]) == list(pipeline.classes_)
    np.testing.assert_allclose(list(answer.json()["probabilities"].values()), expected, rtol=1e-12)
    assert answer.json()["class"] == pipeline.predict(traces[40:41])[0]
    assert answer.headers["x-model-version"] == "1"
    assert answer.json()["version"] == "1"


def test_a_batch_is_what_the_pipeline_says_in_order(call, pipeline, traces):
    answer = post(call, "/batch_predict", {"traces": traces[::2].tolist()})

    assert answer.status_code == 200
    assert [each["class"] for each in answer.json()["predictions"]] == pipeline.predict(traces[::2]).tolist()
    assert answer.json()["version"] == "1"


def test_whole_numbers_and_dead_traces_are_fine(call):
    assert post(call, "/predict", {"trace": [0] * SAMPLES}).status_code == 200


def with_value(value, at=3):
    return [*GOOD[:at], value, *GOOD[at + 1 :]]


WRONG = [
    (
        "/predict",
        {"trace": GOOD[:-1]},
        422,
        "trace",
        f"expected {SAMPLES} finite numbers (amplitudes), got 59",
    ),
    (
        "/predict",
        {"trace": "0.5"},
        422,
        "trace",
        f"expected {SAMPLES} finite numbers (amplitudes), got a string",
    ),
    ("/predict", {"trace": None}, 422, "trace", f"expected {SAMPLES} finite numbers (amplitudes), got null"),
    ("/predict", {"trace": dict.fromkeys(map(str, range(SAMPLES)))}, 422, "trace", "got an object"),
    (
        "/predict",
        {"trace": with_value("0.5")},
        422,
        "trace[3]",
        "expected a finite number (amplitude), got a string",
    ),
    ("/predict", {"trace": with_value(True)}, 422, "trace[3]", "got a boolean"),
    ("/predict", {"trace": with_value(None)}, 422, "trace[3]", "got null"),
    (
        "/predict",
        {"trace": with_value(1e20)},
        422,
        "trace[3]",
        "expected an amplitude within ±1e+15, got 1e+20",
    ),
    ("/predict", {"trace": with_value(-1e300)}, 422, "trace[3]", "got -1e+300"),
    ("/predict", {"trace": with_value(2**63)}, 422, "trace[3]", "expected an amplitude within"),
    ("/predict", {"trace": with_value(float("nan"))}, 400, "body", "NaN at byte"),
    ("/predict", {"trace": with_value(float("-inf"))}, 400, "body", "-Infinity at byte"),
    ("/predict", {"traces": [GOOD]}, 422, "trace", 'missing; "traces" belongs to the other endpoint'),
    ("/predict", {"trace": GOOD, "model": 2}, 422, "model", 'unknown field; the only field is "trace"'),
    ("/predict", GOOD, 422, "body", 'expected an object with the field "trace", got a list'),
    ("/predict", b"", 400, "body", "expected JSON"),
    ("/predict", b'{"trace": [1, 2', 400, "body", "expected JSON"),
    ("/predict", b"[" * 5000, 400, "body", "expected JSON"),
    ("/batch_predict", {"traces": []}, 422, "traces", "expected 1 to 50 traces, got 0"),
    ("/batch_predict", {"traces": [GOOD] * 51}, 422, "traces", "expected 1 to 50 traces, got 51"),
    (
        "/batch_predict",
        {"traces": {"0": GOOD}},
        422,
        "traces",
        "expected a list of 1 to 50 traces, got an object",
    ),
    ("/batch_predict", {"traces": [GOOD] * 17 + [with_value([])]}, 422, "traces[17][3]", "got a list"),
    ("/batch_predict", {"traces": [GOOD] * 17 + [with_value(False)]}, 422, "traces[17][3]", "got a boolean"),
    ("/batch_predict", {"traces": [GOOD] * 17 + [with_value(1e16)]}, 422, "traces[17][3]", "got 1e+16"),
    ("/batch_predict", {"traces": [GOOD, GOOD[1:]]}, 422, "traces[1]", "got 59"),
    ("/batch_predict", {"trace": GOOD}, 422, "traces", 'missing; "trace" belongs to the other endpoint'),
]


@pytest.mark.parametrize(("path", "document", "status", "field", "message"), WRONG)
def test_bad_input_names_the_field_and_what_is_expected(call, path, document, status, field, message):
    answer = post(call, path, document)

    assert answer.status_code == status
    assert answer.json()["error"]["field"] == field
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_another_content_type_is_415(call, kind):
    answer = post(call, "/predict", {"trace": GOOD}, {"content-type": kind} if kind else {})

    assert answer.status_code == 415
    assert answer.json()["error"]["message"] == f"expected application/json, got {kind or 'none'}"


def test_a_compressed_body_is_415(call):
    answer = post(call, "/predict", {"trace": GOOD}, {**JSON, "content-encoding": "gzip"})

    assert (answer.status_code, answer.json()["error"]["field"]) == (415, "content-encoding")


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/predict", SAMPLES * BYTES_A_SAMPLE + BYTES_AROUND), ("/batch_predict", BODY_LIMIT)],
)
def test_too_large_is_413_by_its_header_and_while_it_streams(call, path, limit):
    async def unread():
        pytest.fail("the header says enough")
        yield b""

    async def endless():
        for _ in range(1000):
            yield b" " * 1000
        pytest.fail("read far beyond the limit")

    announced = {**JSON, "content-length": str(limit + 1)}
    for content, headers in ((unread(), announced), (endless(), JSON)):
        answer = call("POST", path, content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["error"]["message"] == f"expected at most {limit} bytes"


@pytest.mark.parametrize(
    "kind", ["application/json", "application/octet-stream", "multipart/form-data; boundary=x"]
)
def test_a_batch_that_stalls_is_408_and_frees_its_place(call, monkeypatch, kind):
    monkeypatch.setattr(http, "BODY_SECONDS", 0.1)

    async def stalled():
        yield b"--x"
        await asyncio.sleep(20)
        yield b"--"

    for _ in range(BATCHES_AT_ONCE + 1):
        answer = call("POST", "/batch_predict", content=stalled(), headers={"content-type": kind})
        assert (answer.status_code, answer.headers["connection"]) == (408, "close")


def test_methods_and_paths_that_do_not_exist_are_json_errors(call):
    for method, path, status, field in (
        ("GET", "/predict", 405, "method"),
        ("DELETE", "/ready", 405, "method"),
        ("GET", "/predictions", 404, "path"),
    ):
        answer = call(method, path)
        assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)
        assert (status == 405) == ("allow" in answer.headers)


def test_no_random_body_is_a_server_error(call, service):
    generator = random.Random(5)
    atoms = [
        GOOD,
        [GOOD],
        "",
        "x",
        True,
        None,
        -0.0,
        1e308,
        2**64 - 1,
        10**40,
        {},
        [],
        "\ud7ff",
        ["NaN"],
        [[[]]],
    ]

    def value(depth):
        if depth == 0 or generator.random() < 0.5:
            return generator.choice(atoms)
        parts = [value(depth - 1) for _ in range(generator.randrange(4))]
        return (
            parts
            if generator.random() < 0.5
            else {generator.choice(["trace", "traces", ""]): part for part in parts}
        )

    for _ in range(300):
        document = {generator.choice(["trace", "traces"]): value(3)} if generator.random() < 0.7 else value(2)
        body = bytearray(json.dumps(document).encode())
        for _ in range(generator.choice([0, 0, 1, 5])):
            body[generator.randrange(len(body))] = generator.randrange(256)
        path = generator.choice(["/predict", "/batch_predict"])
        answer = post(call, path, bytes(body))
        assert answer.status_code in (200, 400, 422), (path, body, answer.text)
        if answer.status_code != 200:
            assert set(orjson.loads(answer.content)["error"]) == {"kind", "field", "message"}
    assert service.in_flight == 0


def test_a_model_that_fails_is_a_500_that_says_nothing_of_its_inside(call, service):
    def broken(traces):
        raise RuntimeError("secret")

    service.batcher._predict = broken
    answer = post(call, "/predict", {"trace": GOOD})

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert 'model_request_errors_total{kind="internal"} 1.0' in call("GET", "/metrics").text
