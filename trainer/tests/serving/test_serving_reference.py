"""The description of the training data from the served version's run."""

import logging
import socket
import time
from dataclasses import replace
from pathlib import Path

import httpx
import mlflow
import numpy as np
import pytest

from kit.drift.reference import DRIFT_REFERENCE, Reference
from kit.registry.model_files import ModelFiles
from kit.serving.model import load
from seismic.serving.settings import Settings
from seismic.serving.trainer import TRAINER

from .conftest import SAMPLES, parsed


@pytest.fixture
def settings(environment, registry):
    mlflow.set_tracking_uri(registry)
    files_sha256 = ModelFiles.fetch("models:/Seismic/1").sha256()
    return Settings.from_environment(
        environment | {"MLFLOW_TRACKING_URI": registry, "MODEL_FILES_SHA256": files_sha256}
    )


@pytest.fixture
def put_reference(settings):
    """Add a reference to the run of the registered version. It is removed afterwards."""
    client = mlflow.MlflowClient(settings.tracking_uri, settings.tracking_uri)
    run_id = client.get_model_version("Seismic", "1").run_id
    yield lambda text: client.log_text(run_id, text, DRIFT_REFERENCE)
    (Path(client.get_run(run_id).info.artifact_uri) / DRIFT_REFERENCE).unlink()


def test_a_version_without_reference_is_served_with_one_warning(settings, caplog):
    with caplog.at_level(logging.WARNING):
        model = load(TRAINER, settings)
    assert model.reference is None
    (said,) = [message for message in caplog.messages if "training data" in message]
    assert said.startswith("no comparison with the training data: drift_reference.json of run ")


def test_a_reference_is_loaded_checked_and_left_alone_when_off(settings, put_reference, caplog, reference):
    put_reference(reference.to_json())
    loaded = load(TRAINER, settings).reference
    assert loaded.to_json() == reference.to_json()
    assert load(TRAINER, replace(settings, drift=False)).reference is None
    assert not caplog.messages
    fewer = Reference.from_json(reference.to_json())
    fewer.sketches.pop("mean")
    for text, reason in (
        (fewer.to_json(), "of 15 other features than the model's 16"),
        ("[" * 100_000, "recursion"),
        (reference.to_json()[:-10], "delimiter"),
    ):
        caplog.clear()
        put_reference(text)
        assert load(TRAINER, settings).reference is None
        (said,) = caplog.messages
        assert reason in said
        assert len(said) < 500


def test_both_ports_tell_the_same_and_close_together(start, registry, put_reference, reference):
    put_reference(reference.to_json())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start(
        MLFLOW_TRACKING_URI=registry, METRICS_PORT=str(port), DRIFT_PERIOD="0.1", DRAIN_SECONDS="1"
    )
    process.until_ready()
    generator = np.random.default_rng(5)
    loud = generator.standard_normal((50, SAMPLES)) * 1000 + 700
    for _ in range(4):
        httpx.post(f"{process.url}/batch_predict", json={"traces": loud.tolist()}).raise_for_status()
    deadline = time.monotonic() + 20
    while True:
        told = parsed(httpx.get(f"http://127.0.0.1:{port}/metrics").text)
        if not np.isnan(told["model_drift_score"]):
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert told["model_drift_score"] > 0.5
    assert told["model_drift_reference"] == 1
    assert parsed(httpx.get(f"{process.url}/metrics").text)["model_drift_score"] > 0.5
    assert httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200

    process.popen.terminate()
    while httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    code, errors = process.finish()
    assert code == 0
    assert f"on port {process.port} and {port}" in errors
    assert "Traceback" not in errors
    for closed in (process.port, port):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{closed}/ready")
