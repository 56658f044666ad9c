"""The retraining service with the real trainer and a real MLflow."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from mlflow_server import free_port, run

TRAINER = Path(__file__).parents[2]
ALERT = {
    "version": "4", "status": "firing",
    "alerts": [{
        "status": "firing", "labels": {"alertname": "ModelDrift"}, "annotations": {},
        "startsAt": "2026-01-31T16:30:00.123456789Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph", "fingerprint": "5ef77f1f8a3ecfb8",
    }],
}  # fmt: skip


@pytest.fixture
def retraining(environment, tmp_path):
    """The address of a service that ends with the test."""
    environment = environment | {"PORT": str(free_port()), "RETRAIN_COOLDOWN": "0", "TRAINING_TIMEOUT": "120"}
    del environment["RUN_TOKEN"]
    log = tmp_path / "retraining.log"
    with log.open("w") as output:
        service = subprocess.Popen(
            [sys.executable, "-m", "seismic.retraining"], cwd=TRAINER, env=os.environ | environment,
            stderr=output,
        )  # fmt: skip
    yield f"http://127.0.0.1:{environment['PORT']}", log
    service.send_signal(signal.SIGTERM)
    assert service.wait(60) == 0, log.read_text()


def ask(address, path, content=None):
    body = None if content is None else json.dumps(content).encode()
    with urllib.request.urlopen(urllib.request.Request(address + path, body), timeout=30) as answer:
        return json.load(answer)


def until(condition):
    ends = time.monotonic() + 120
    while not (found := condition()):
        assert time.monotonic() < ends
        time.sleep(0.2)
    return found


def is_up(address):
    try:
        return ask(address, "/ready")
    except urllib.error.URLError:
        return None


def test_an_alert_trains_and_registers_and_the_next_one_reproduces(environment, client, retraining):
    address, log = retraining
    name = environment["MODEL_NAME"]
    until(lambda: is_up(address))
    assert ask(address, "/alerts", ALERT)["outcome"] == "started", log.read_text()

    def ends():
        return [one for one in ask(address, "/decisions")["decisions"] if one["outcome"] != "started"]

    (first,) = until(ends)
    assert (first["outcome"], first["version"]) == ("passed", "1"), log.read_text()
    trained = client.get_run(first["runId"])
    assert trained.data.tags["trigger"] == "alert ModelDrift"
    assert trained.data.tags["mlflow.note.content"].startswith("Started by: alert ModelDrift.")
    assert trained.data.tags["run_token"].startswith("retraining-")

    # A run of somebody else may finish.
    other = client.create_run(trained.info.experiment_id, tags={"run_token": "a-deployment"})
    again = ALERT | {"alerts": [ALERT["alerts"][0] | {"startsAt": "2026-01-31T20:00:00Z"}]}
    declined = ask(address, "/alerts", again)
    assert declined["reason"] == f"a run is under way: run {other.info.run_id} of MLflow"
    client.set_terminated(other.info.run_id)

    assert ask(address, "/alerts", again)["outcome"] == "started"
    second = until(lambda: [one for one in ends() if one["outcome"] != "declined"][:-1])[0]
    assert (second["outcome"], second["version"]) == ("reproduced", "1"), log.read_text()
    assert len(client.search_model_versions(f"name = '{name}'")) == 1

    until(lambda: ask(address, "/decisions")["undelivered"] == 0)
    tags = client.get_registered_model(name).tags
    told = [json.loads(tags[key])["outcome"] for key in sorted(tags) if key.startswith("retraining_")]
    assert told == ["passed", "declined", "reproduced"]
    # Only the deployment decides which version serves.
    assert client.get_registered_model(name).aliases == {"challenger": "1"}
    code, deployed = run(environment, RUN_TOKEN="a-deployment")
    assert (code, deployed["version"], deployed["reproduced"]) == (0, "1", True)
