"""The serving of a version: its answers, its end, and the errors that a test can ask for."""

import contextlib
import http.client
import json
import signal
import socket
import time
from base64 import b64encode

import pytest
import trainer_contract as agreed
from conftest import run, start, train


@pytest.fixture
def serving(server, variables, tmp_path):
    """Starts to serve the version that a run has registered. It ends with the test."""
    result = train(variables)
    with contextlib.ExitStack() as running:

        def serve(wait=True, **changes):
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                port = listener.getsockname()[1]
            told = {
                "MLFLOW_TRACKING_URI": server.address, "MODEL_NAME": "Stub", "MODEL_VERSION": "1",
                "MODEL_SHA256": result["sha256"], "MODEL_FILES_SHA256": result["filesSha256"],
                "MODEL_CACHE": str(tmp_path), "PORT": str(port), "GIT_COMMIT": "abc1234",
            } | changes  # fmt: skip
            process = start("serving", told)
            running.callback(process.communicate)
            running.callback(process.kill)
            ends = time.monotonic() + 20
            while wait:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < ends
                with contextlib.suppress(OSError):
                    ask(port, "GET", "/health")
                    break
                time.sleep(0.02)
            return process, port

        yield serve


def ask(port, method, path, body=None):
    """Status and answer; None for an answer without a body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        content = answer.read()
        is_json = answer.headers["content-type"] == "application/json"
        return answer.status, json.loads(content) if is_json and content else content.decode() or None


def stored(server):
    """The answers that training has stored."""
    path = next(path for path in server.files if path.endswith("expectations.json"))
    return json.loads(server.files[path])["requests"]


def test_it_answers_as_it_was_trained_to(server, serving):
    _, port = serving()
    for each in stored(server):
        status, answer = ask(port, "POST", each["path"], each["body"])
        assert status == 200
        assert each["answer"].items() <= answer.items()
    sample = ask(port, "GET", "/sample")[1]
    assert ask(port, "POST", "/predict", sample)[1]["version"] == "1"
    assert ask(port, "GET", "/version")[1].items() >= {"model_version": "1", "commit": "abc1234"}.items()
    assert agreed.problems(ask(port, "GET", "/version")[1], "served") == []
    assert ask(port, "GET", "/ready")[0] == 200
    metrics = ask(port, "GET", "/metrics")[1]
    assert 'model_prediction_latency_seconds_count{endpoint="/predict"} 2' in metrics
    assert 'model_info{version="1"' in metrics
    named = {name for name in agreed.metrics("serving") if f"# TYPE {name} " in metrics}
    assert named == {
        "model_info", "model_predictions_total", "model_prediction_latency_seconds",
    }  # fmt: skip


def test_what_it_does_not_take_is_refused(serving):
    _, port = serving()
    for body in ({}, {"row": [1]}, {"row": ["much"]}, [], {"row": None}):
        assert ask(port, "POST", "/predict", body)[0] == 422
    assert ask(port, "POST", "/batch_predict", {"rows": []})[1]["predictions"] == []
    assert ask(port, "GET", "/predict")[0] == 405
    assert ask(port, "POST", "/health")[0] == 405
    assert ask(port, "GET", "/nothing")[0] == 404
    assert ask(port, "HEAD", "/health") == (200, None)


def test_another_model_than_was_released_is_not_served(server, serving):
    for wrong in ({"MODEL_SHA256": "0" * 64}, {"MODEL_FILES_SHA256": "0" * 64}):
        process, _ = serving(wait=False, **wrong)
        assert process.wait(10) == 3
    for path in server.files:
        if path.endswith("model.json"):
            server.files[path] = server.files[path].replace(b"0.", b"1.", 1)
    process, _ = serving(wait=False)
    assert process.wait(10) == 3


def test_it_signs_in_where_the_registry_asks_for_a_password(server, serving):
    server.login = f"Basic {b64encode(b'serving:p:ss').decode()}"
    _, port = serving(MLFLOW_TRACKING_USERNAME="serving", MLFLOW_TRACKING_PASSWORD="p:ss")
    assert ask(port, "GET", "/ready")[0] == 200
    process, _ = serving(wait=False, MODEL_CACHE="", MLFLOW_TRACKING_PASSWORD="p:ss")
    assert process.wait(10) != 0


def test_it_starts_from_the_cache_while_mlflow_is_away_unless_that_was_changed(server, serving, tmp_path):
    serving()
    server.close()
    away = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:1", "TRAINER_SETTINGS": '{"mlflowRetrySeconds": 0.5}'}
    _, port = serving(**away)
    assert ask(port, "GET", "/ready")[0] == 200
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text().replace("0.", "1.", 1))
    process, _ = serving(wait=False, **away)
    assert process.wait(10) == 4


def test_sigterm_has_it_say_that_it_is_not_ready_answer_on_and_end(serving):
    process, port = serving()
    process.send_signal(signal.SIGTERM)
    ends = time.monotonic() + 2
    while ask(port, "GET", "/ready")[0] == 200:
        assert time.monotonic() < ends
        time.sleep(0.02)
    assert ask(port, "GET", "/sample")[0] == 200
    assert process.wait(10) == 0


def test_its_settings_have_it_answer_wrongly_stay_unready_or_die(server, serving):
    _, port = serving(TRAINER_SETTINGS='{"servingAnswers": "wrong"}')
    first = stored(server)[0]
    answer = ask(port, "POST", "/predict", first["body"])[1]
    assert answer["class"] != first["answer"]["class"]
    assert answer["probabilities"] == first["answer"]["probabilities"]
    _, port = serving(TRAINER_SETTINGS='{"servingIsReady": false}')
    assert (ask(port, "GET", "/ready")[0], ask(port, "GET", "/health")[0]) == (503, 200)
    process, _ = serving(TRAINER_SETTINGS='{"servingDiesAfter": 0.5}')
    assert process.wait(10) == 9
    assert "dying after 0.5 s" in process.stderr.read()


def test_wrong_variables_are_told_all_at_once():
    done = run(
        "serving", {"PORT": "x", "TRAINER_SETTINGS": '{"servingAnswers": "odd"}', "MODEL_NAME": "Stub"}
    )
    assert done.returncode == 2
    told = {line.split(":")[0] for line in done.stderr.splitlines()}
    assert told == {"PORT", "TRAINER_SETTINGS", "MLFLOW_TRACKING_URI", "MODEL_VERSION", "MODEL_SHA256"}
