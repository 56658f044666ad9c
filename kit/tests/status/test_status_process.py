import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
import trainer_contract as agreed

# Packages that take more memory than the whole service.
HEAVY = ("mlflow", "sklearn", "pandas", "matplotlib", "scipy", "fastapi", "numpy")
TRAINER = """
from kit.status.startup import main
from kit.status.trainer import Trainer
main(Trainer())
"""
HALF_A_VIEW = """
from pathlib import Path
from kit.status.startup import main
from kit.status.trainer import Trainer
from kit.status.view import View
main(Trainer(view=lambda settings: View(part="", folder=Path("."))))
"""


@pytest.fixture
def start(environment):
    started = []

    def process(program=TRAINER, cwd=None, **changes):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        popen = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=cwd,
            env={**os.environ, **environment, "SERVING_HOST": "localhost", "PORT": str(port), **changes},
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(popen)
        return popen, f"http://127.0.0.1:{port}"

    yield process
    for popen in started:
        popen.kill()
        popen.wait()


def until_ready(popen, url):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and popen.poll() is None:
        try:
            if httpx.get(f"{url}/ready", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    popen.kill()
    pytest.fail(f"not ready: {popen.communicate()[1]}")


def test_wrong_settings_exit_2_with_all_problems(start):
    popen, _ = start(MODEL_NAME="", LINKS="x", TRAINER_SETTINGS='{"depth": 3}')
    errors = popen.communicate(timeout=60)[1]

    assert popen.returncode == 2
    assert "MODEL_NAME: not given" in errors
    assert "LINKS: got 'x'" in errors
    assert "TRAINER_SETTINGS: got depth; this trainer has no settings" in errors
    assert "Traceback" not in errors


def test_a_view_that_lacks_its_script_ends_it_before_it_listens(start, tmp_path):
    popen, _ = start(HALF_A_VIEW, tmp_path)
    errors = popen.communicate(timeout=60)[1]

    assert popen.returncode == 1
    assert errors.startswith("cannot show the status:\n.: there is no view.js")
    assert "Traceback" not in errors


def test_serves_asks_its_sources_and_stops(start, mlflow):
    mlflow.add_run("run", "FAILED")
    popen, url = start()
    until_ready(popen, url)
    assert "<h1>Seismic</h1>" in httpx.get(f"{url}/status").text
    deadline = time.monotonic() + 20
    while "training_last_run_failed 1.0" not in (text := httpx.get(f"{url}/metrics").text):
        assert time.monotonic() < deadline, text
        time.sleep(0.1)
    assert "process_resident_memory_bytes" in text
    assert {name for name in agreed.metrics("status page") if f"# TYPE {name} " not in text} == set()

    popen.send_signal(signal.SIGTERM)
    until = time.monotonic() + 2
    while httpx.get(f"{url}/ready").status_code == 200:
        assert time.monotonic() < until
    assert httpx.get(f"{url}/status").status_code == 200  # until the gateway has noticed
    errors = popen.communicate(timeout=20)[1]

    assert popen.returncode == 0, errors
    assert "Traceback" not in errors
    assert "HTTP Request" not in errors  # a few lines a second


def test_what_is_heavy_is_not_imported():
    code = "import sys; from kit.status import app, startup, trainer; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert [name for name in HEAVY if name in modules] == []


def test_settings_are_read_without_the_libraries_of_the_service():
    code = "import sys; from kit.status import startup, trainer; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert [name for name in ("starlette", "httpx", "uvicorn", *HEAVY) if name in modules] == []
