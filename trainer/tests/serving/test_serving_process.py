import asyncio
import shutil
import signal
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest

import kit
from kit.server.errors import ModelRefused
from kit.serving.model import load
from kit.serving.server import server_config
from seismic.serving.settings import Settings
from seismic.serving.trainer import TRAINER as SERVING

from .conftest import SAMPLES, TRAINER

TRACE = {"trace": [1.0] * SAMPLES}


def test_wrong_settings_exit_2(start):
    code, errors = start(MODEL_VERSION="latest", PORT="x").finish()

    assert code == 2
    assert "MODEL_VERSION: got 'latest'; expected a whole number from 1" in errors


def test_an_unreachable_mlflow_exits_4_in_bounded_time(start):
    code, errors = start(MLFLOW_TRACKING_URI="http://127.0.0.1:9", MLFLOW_RETRY_SECONDS="2").finish()

    assert code == 4
    assert "MLFLOW_TRACKING_URI: http://127.0.0.1:9 did not answer while fetching Seismic version 1" in errors


def test_another_model_than_asked_for_exits_3(start, registry):
    code, errors = start(MLFLOW_TRACKING_URI=registry, MODEL_SHA256="0" * 64).finish()

    assert code == 3
    assert "MODEL_SHA256: Seismic version 1 has hash " in errors
    assert "Traceback" not in errors


def test_other_files_than_were_registered_exit_3_unopened(start, registry):
    code, errors = start(MLFLOW_TRACKING_URI=registry, MODEL_FILES_SHA256="0" * 64).finish()

    assert code == 3
    assert "MODEL_FILES_SHA256: Seismic version 1 has files of hash " in errors
    assert "Traceback" not in errors


def test_a_version_that_mlflow_lacks_is_refused_at_once(environment, registry):
    settings = Settings.from_environment(
        {**environment, "MLFLOW_TRACKING_URI": registry, "MODEL_VERSION": "7"}
    )

    with pytest.raises(ModelRefused, match=r"MODEL_VERSION: .* does not give Seismic version 7"):
        load(SERVING, settings)


def test_outlives_mlflow_and_drains_without_failing_a_request(start, registry, tmp_path):
    # This test needs its own registry, which it will take away.
    source = Path(registry.removeprefix("sqlite:///"))
    database = shutil.copy(source, tmp_path / "mlflow.db")
    process = start(MLFLOW_TRACKING_URI=f"sqlite:///{database}", DRAIN_SECONDS="2")
    assert process.until_ready()["version"] == "1"
    Path(database).unlink()
    info = httpx.get(f"{process.url}/model_info").json()
    assert info["metrics"] == {"f1_macro": 0.75}
    assert info["tags"]["git_commit"] == "0123abc"

    threading.Timer(1.0, process.popen.send_signal, [signal.SIGTERM]).start()
    answered, after_unready = asyncio.run(load_until_unready(process.url))

    assert answered > 50
    assert after_unready > 0  # it went on serving while it said that it would stop
    code, errors = process.finish()
    assert code == 0, errors
    assert "Traceback" not in errors


async def load_until_unready(url):
    """Eight clients do the same as the gateway: they stop a second after /ready says 503. None may fail."""
    stop_at = float("inf")
    answered = after_unready = 0

    async def send(client):
        nonlocal answered, after_unready
        while (now := time.monotonic()) < stop_at:
            answer = await client.post(f"{url}/predict", json=TRACE)
            assert answer.status_code == 200
            answered += 1
            after_unready += stop_at - now < 1  # finite only once it is unready

    async def watch(client):
        nonlocal stop_at
        while (await client.get(f"{url}/ready")).status_code == 200:
            await asyncio.sleep(0.1)
        stop_at = time.monotonic() + 1

    async with httpx.AsyncClient(timeout=20) as client, asyncio.TaskGroup() as group:
        group.create_task(watch(client))
        for _ in range(8):
            group.create_task(send(client))
    return answered, after_unready


async def until_in_flight(client, url):
    """Wait until the service has begun another request than the one that asks it."""
    deadline = time.monotonic() + 20
    while "\nmodel_requests_in_flight 2.0\n" not in (await client.get(f"{url}/metrics")).text:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def test_a_request_in_flight_is_finished_after_the_grace(start, registry):
    process = start(MLFLOW_TRACKING_URI=registry, DRAIN_SECONDS="0")
    process.until_ready()

    async def slowly():
        yield b'{"trace": ['
        # A request that the service has not begun when it stops is the gateway's to keep away: DRAIN_SECONDS.
        async with httpx.AsyncClient(timeout=20) as asking:
            await until_in_flight(asking, process.url)
        process.popen.terminate()
        await asyncio.sleep(1.5)
        yield b", ".join([b"1"] * SAMPLES) + b"]}"

    async def post():
        async with httpx.AsyncClient(timeout=20) as client:
            headers = {"content-type": "application/json"}
            return await client.post(f"{process.url}/predict", content=slowly(), headers=headers)

    answer = asyncio.run(post())

    assert answer.status_code == 200
    assert process.finish()[0] == 0


@pytest.fixture
def source(tmp_path):
    """A copy of the source that only the test edits."""
    shutil.copytree(TRAINER / "seismic", tmp_path / "seismic", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def title_at(port):
    return httpx.get(f"http://127.0.0.1:{port}/openapi.json", timeout=30).json()["info"]["title"]


def test_reload_serves_the_edited_source_and_fails_no_request(start, registry, source):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start(
        source, MLFLOW_TRACKING_URI=registry, RELOAD="true", DRAIN_SECONDS="0", METRICS_PORT=str(port)
    )
    process.until_ready()
    assert title_at(port) == "Seismic trace classification"
    time.sleep(1)  # the watcher begins when the first process has been started
    edited = source / "seismic/serving/traces.py"
    edited.write_text(edited.read_text().replace('TITLE = "Seismic', 'TITLE = "Edited'))

    deadline = time.monotonic() + 40
    while (title := title_at(process.port)).startswith("Seismic"):
        assert time.monotonic() < deadline
        time.sleep(0.2)

    assert title == title_at(port) == "Edited trace classification"
    process.popen.terminate()
    assert process.finish()[0] == 0


def test_reload_passes_on_the_exit_code_of_a_refused_model(start, registry, source):
    code, errors = start(source, MLFLOW_TRACKING_URI=registry, RELOAD="true", MODEL_SHA256="0" * 64).finish()

    assert code == 3
    assert "MODEL_SHA256: Seismic version 1 has hash " in errors


def test_edits_of_the_kit_are_served_too(environment):
    settings = Settings.from_environment(environment)
    folders = server_config(settings, "app", SERVING.code.paths).reload_dirs

    assert set(folders) == {TRAINER / "seismic", Path(kit.__file__).resolve().parent}
