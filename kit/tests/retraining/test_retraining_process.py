"""The service as a process: settings, signals, and the end of its child."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from kit.contract import protocol
from kit.retraining.settings import Settings

from .conftest import PROGRAMS, RESULT
from .test_retraining_alerts import WEBHOOK


@pytest.fixture
def environment(tmp_path, rest):
    return {
        "MLFLOW_TRACKING_URI": rest.address, "MLFLOW_EXPERIMENT_NAME": "seismic-dev",
        "MODEL_NAME": "SeismicClassifier", "DATA_DIR": str(tmp_path), "ENVIRONMENT": "dev",
        "FOLDER": str(tmp_path), "PYTHONPATH": os.environ["PYTHONPATH"],
    }  # fmt: skip


class Service:
    def __init__(self, environment, **changes):
        # A file, because nobody reads while the test waits for something else.
        self.log = Path(environment["FOLDER"]) / "service.log"
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        program = (
            "import os, sys; from kit.retraining.programs import Programs; "
            "from kit.retraining.startup import run; "
            f"sys.exit(run(os.environ, {PROGRAMS!r}))"
        )
        with self.log.open("w") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-c", program], stderr=log,
                env=os.environ | environment | {"PORT": str(self.port)} | changes,
            )  # fmt: skip

    def ask(self, method, path, **given):
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", timeout=20, **given)

    def until(self, condition):
        ends = time.monotonic() + 30
        while not condition():
            assert self.popen.poll() is None, self.log.read_text()
            assert time.monotonic() < ends
            time.sleep(0.05)

    def is_ready(self):
        try:
            return self.ask("GET", "/ready").status_code == 200
        except httpx.TransportError:
            return False

    def finish(self):
        return self.popen.wait(60), self.log.read_text()


@pytest.fixture
def start(environment):
    started = []

    def begin(**changes):
        started.append(Service(environment, **changes))
        return started[-1]

    yield begin
    for service in started:
        service.popen.kill()
        service.popen.wait()


def alive(pid):
    return Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]


def test_an_alert_over_http_is_answered_before_the_training_ends(start, plan, rest):
    plan.set(result=RESULT, seconds=4, log=["a line of the trainer", "é" * 50_000])
    service = start()
    service.until(service.is_ready)
    answer = service.ask("POST", "/alerts", json=WEBHOOK)
    assert [one["outcome"] for one in rest.decisions()] != ["passed"]
    assert (answer.status_code, answer.json()["outcome"]) == (202, "started")
    service.until(lambda: [one["outcome"] for one in rest.decisions()] == ["passed"])
    # The trainer gets the service's environment, and the facts about this run.
    assert plan.started[0]["RUN_TRIGGER"] == "alert ModelDrift"
    service.popen.send_signal(signal.SIGTERM)
    code, errors = service.finish()
    assert code == 0, errors
    assert "a line of the trainer\n" in errors
    assert "é" * 50_000 in errors
    assert "HTTP Request" not in errors


def test_sigterm_ends_the_child_records_it_and_exits_0(start, plan, rest, tmp_path):
    plan.set(result=RESULT, seconds=600, starts=True)
    service = start()
    service.until(service.is_ready)
    service.ask("POST", "/alerts", json=WEBHOOK)
    service.until(lambda: plan.started)
    service.popen.send_signal(signal.SIGTERM)
    code, errors = service.finish()
    assert code == 0, errors
    assert (tmp_path / "terminated").exists()
    assert not alive((tmp_path / "helper").read_text())
    (told,) = rest.decisions()
    assert (told["outcome"], told["reason"]) == ("interrupted", "the service was stopped")
    assert "Traceback" not in errors


def test_a_trainer_that_has_its_result_keeps_it_when_the_service_stops(start, plan, rest):
    plan.set(result=RESULT, result_first=True, seconds=2, ignores_sigterm=True)
    service = start()
    service.until(service.is_ready)
    service.ask("POST", "/alerts", json=WEBHOOK)
    service.until(lambda: plan.started)
    service.popen.send_signal(signal.SIGTERM)
    assert service.finish()[0] == 0
    assert [one["outcome"] for one in rest.decisions()] == ["passed"]


def test_wrong_settings_exit_2_with_all_problems(start, environment):
    service = start(
        RETRAIN_SCHEDULE="0 25 * * *", RETRAIN_TIMEZONE="Mars/Olympus", RETRAIN_COOLDOWN="6h",
        RETRAIN_ALERTS="a,,b", TRAINING_TIMEOUT="0", PORT="x", DEPTH="none", MODEL_NAME="",
        REGISTER="false",
    )  # fmt: skip
    code, errors = service.finish()
    assert code == protocol.BAD_CONFIGURATION
    assert "Traceback" not in errors
    names = [line.split(":")[0] for line in errors.splitlines()[1:]]
    assert names == [
        "MODEL_NAME", "DEPTH", "RETRAIN_ALERTS", "RETRAIN_COOLDOWN", "RETRAIN_SCHEDULE",
        "RETRAIN_TIMEZONE", "TRAINING_TIMEOUT", "PORT", "REGISTER",
    ]  # fmt: skip
    assert "RETRAIN_SCHEDULE: got '0 25 * * *': Bad hour; expected fields of cron, such as " in errors


def test_sigterm_before_it_is_ready(start, plan):
    plan.set(check_seconds=600)
    service = start()
    children = Path(f"/proc/{service.popen.pid}/task/{service.popen.pid}/children")
    service.until(children.read_text)  # it checks the trainer's variables
    service.popen.send_signal(signal.SIGTERM)
    code, errors = service.finish()
    assert code == 0, errors
    assert "stopped before it was ready" in errors


def test_a_port_that_is_taken_ends_it(start):
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        code, errors = start(PORT=str(taken.getsockname()[1])).finish()
    assert code == 3
    assert "address already in use" in errors


def test_settings_and_their_defaults(environment):
    defaults = Settings.checked(environment, PROGRAMS.check)
    assert (defaults.alerts, defaults.cooldown, defaults.schedule) == (("ModelDrift",), 21_600, "")
    assert (defaults.training_timeout, defaults.port, defaults.timezone.key) == (1200, 8000, "UTC")
    given = {
        "RETRAIN_ALERTS": "A, B", "RETRAIN_COOLDOWN": "0", "RETRAIN_SCHEDULE": "*/5 * * * 1-5",
        "RETRAIN_TIMEZONE": "Europe/Berlin", "TRAINING_TIMEOUT": "60", "PORT": "8001",
        "DEPTH": "4", "RUN_TOKEN": "",
    }  # fmt: skip
    settings = Settings.checked(environment | given, PROGRAMS.check)
    assert (settings.alerts, settings.cooldown, settings.schedule) == (("A", "B"), 0, "*/5 * * * 1-5")
    assert (settings.training_timeout, settings.port) == (60, 8001)
    assert settings.timezone.key == "Europe/Berlin"


def test_the_service_is_small(start):
    """The service shares the container with the training, so it loads neither MLflow nor scikit-learn."""
    service = start()
    service.until(service.is_ready)
    maps = Path(f"/proc/{service.popen.pid}/maps").read_text()
    assert "sklearn" not in maps
    assert "numpy" not in maps
    status = Path(f"/proc/{service.popen.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert resident < 90_000
    service.popen.send_signal(signal.SIGTERM)
    assert service.finish()[0] == 0


def test_a_schedule_starts_a_run(start, plan, rest):
    service = start(RETRAIN_SCHEDULE="* * * * *")
    service.until(service.is_ready)
    text = service.ask("GET", "/metrics").text
    (following,) = [
        float(line.split()[1]) for line in text.splitlines() if line.startswith("retraining_next_")
    ]
    assert 0 < following - time.time() <= 60
    assert following % 60 == 0
    assert json.loads(service.ask("GET", "/decisions").text) == {"decisions": [], "undelivered": 0}
