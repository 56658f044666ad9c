"""A real MLflow server for tests, and ways to run the trainer against it."""

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import mlflow
import trainer_contract as agreed

from kit.training import startup
from seismic.training.trainer import TRAINER

# Parameters that need no search and are fitted quickly.
FIXED = {
    "classifier": "hist_gradient_boosting", "learning_rate": 0.2, "iterations": 12, "leaves": 7, "l2": 0.1,
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.artifacts = folder / "artifacts"
        log = (folder / "server.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
             "--artifacts-destination", str(self.artifacts), "--serve-artifacts", "--host", "127.0.0.1",
             "--port", str(self.port), "--workers", "1"],
            env=os.environ
            | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    def wait(self) -> "Server":
        ends = time.monotonic() + 180
        while time.monotonic() < ends:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.address}/health", timeout=5):
                return self
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            time.sleep(0.2)
        raise AssertionError("the MLflow server did not start")

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()


@contextlib.contextmanager
def kept_process_state() -> Iterator[None]:
    """Keep variables, the signal's handler and MLflow's addresses. `main` sets them for its own process."""
    variables, handler = dict(os.environ), signal.getsignal(signal.SIGTERM)
    yield
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)
    os.environ.clear()
    os.environ.update(variables)
    signal.signal(signal.SIGTERM, handler)


def run(environment, **changes):
    """The exit code, and the result line as a dict or None."""
    output = io.StringIO()
    code = startup.main(TRAINER, environment | changes, output)
    return code, result_of(output.getvalue()) if output.getvalue() else None


def result_of(line):
    """The result line as a dict, which is what the contract says."""
    told = json.loads(line)
    kind = "result" if told.get("registered", True) else "unregisteredResult"
    assert agreed.problems(told, kind) == []
    # The platform does without some of them; this trainer prints all.
    assert set(agreed.properties(kind)) - set(told) <= {"registered", "takenUp"}
    return told


def process(environment, **changes):
    return subprocess.Popen(
        [sys.executable, "-m", "seismic.train"], env=os.environ | environment | changes, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
