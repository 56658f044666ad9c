import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import mlflow
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kit.drift.reference import Reference
from kit.registry.fingerprint import model_sha256
from kit.server.testing import ask
from kit.serving.app import Service
from kit.serving.model import ServedModel
from seismic.learning.features import TraceFeatures
from seismic.model_code import MODEL_CODE
from seismic.serving.settings import Settings
from seismic.serving.trainer import TRAINER as SERVING

SAMPLES = 60
INTERVAL_US = 4000
TRAINER = Path(__file__).parents[2]
BODY_LIMIT = 300_000
VARIABLES = {
    "MLFLOW_TRACKING_URI": "http://localhost:1",
    "MODEL_NAME": "Seismic",
    "MODEL_VERSION": "1",
    "MODEL_SHA256": "0" * 64,
    "ENVIRONMENT": "dev",
    "RELEASE_REF": "v1",
    "GIT_COMMIT": "0123abc",
    "GIT_DIRTY": "true",
    "IMAGE": "trainer:abc",
    "MAX_BODY_BYTES": str(BODY_LIMIT),
    "MAX_BATCH": "50",
}


def served(pipeline, environment=VARIABLES, details=None, **more):
    """A pipeline as the service has it after loading it."""
    settings = Settings.from_environment(environment)
    name, version = settings.model_name, str(settings.model_version)
    handler = SERVING.handler(pipeline, f"{name} version {version}", settings)
    return ServedModel.of(pipeline, handler, name, version, settings.model_sha256, details or {}, **more)


@pytest.fixture(scope="session")
def traces():
    generator = np.random.default_rng(3)
    return (generator.standard_normal((90, SAMPLES)) * np.repeat([1, 20, 400], 30)[:, None]).astype(
        np.float32
    )


@pytest.fixture(scope="session")
def pipeline(traces):
    labels = np.repeat(["normal", "anomaly", "boundary"], 30)
    steps = [
        ("features", TraceFeatures(n_components=8, interval_us=INTERVAL_US)),
        ("scale", StandardScaler()),
        ("classifier", LogisticRegression()),
    ]
    return Pipeline(steps).fit(traces, labels)


@pytest.fixture(scope="session")
def many():
    """More traces of the kind that the pipeline was fitted to, (900, SAMPLES)."""
    generator = np.random.default_rng(4)
    loudness = generator.choice([1, 20, 400], 900)[:, None]
    return (generator.standard_normal((900, SAMPLES)) * loudness).astype(np.float32)


@pytest.fixture(scope="session")
def reference(pipeline, many):
    features = pipeline.steps[0][1]
    return Reference.of(features.transform(many), features.get_feature_names_out())


@pytest.fixture(scope="session")
def environment(pipeline):
    return {**VARIABLES, "MODEL_SHA256": model_sha256(pipeline)}


@pytest.fixture
def service(pipeline, environment):
    model = served(pipeline, environment, {"metrics": {"f1": 0.5}})
    return Service(model, Settings.from_environment(environment))


@pytest.fixture
def call(service):
    """Send one request to the service in this process. The document must name the answer's status."""

    def send(method, path, **request):
        answer = ask(service, method, path, **request)
        # A request that is no operation of the document (HEAD, another path) gets the status of any such
        # request.
        operation = service.api.openapi()["paths"].get(path, {}).get(method.lower())
        assert operation is None or str(answer.status_code) in operation["responses"], (method, path)
        return answer

    return send


@pytest.fixture
def values(call):
    """Samples of /metrics as a dict. A key is the name with the value of its only label, if it has one."""

    def read():
        return parsed(call("GET", "/metrics").text)

    return read


def parsed(text):
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(sample.labels.values()) if len(sample.labels) == 1 else ""
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


@pytest.fixture(scope="session")
def registry(tmp_path_factory, pipeline):
    """An MLflow in files, with the pipeline as version 1 of Seismic."""
    folder = tmp_path_factory.mktemp("registry")
    uri = f"sqlite:///{folder}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    experiment = mlflow.create_experiment("test", artifact_location=str(folder / "artifacts"))
    with mlflow.start_run(experiment_id=experiment):
        mlflow.log_metric("f1_macro", 0.75)
        mlflow.set_tag("git_commit", "0123abc")
        mlflow.sklearn.log_model(
            pipeline,
            name="model",
            registered_model_name="Seismic",
            serialization_format="skops",
            skops_trusted_types=sorted(MODEL_CODE.trusted),
            pip_requirements=list(MODEL_CODE.requirements),
        )
    return uri


class Process:
    """`python -m seismic.serving` on a free port."""

    def __init__(self, environment, cwd):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "seismic.serving"],
            cwd=cwd,
            env={**os.environ, **environment, "PORT": str(self.port)},
            stderr=subprocess.PIPE,
            text=True,
        )

    def until_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.popen.poll() is None:
            try:
                answer = httpx.get(f"{self.url}/ready", timeout=5)
                if answer.status_code == 200:
                    return answer.json()
            except httpx.HTTPError:
                time.sleep(0.1)
        self.popen.kill()
        pytest.fail(f"not ready: {self.popen.communicate()[1]}")

    def finish(self, seconds=60):
        """Exit code and standard error of a process that ends by itself."""
        errors = self.popen.communicate(timeout=seconds)[1]
        return self.popen.returncode, errors


@pytest.fixture
def start(environment):
    processes = []

    def started(cwd=TRAINER, **changes):
        processes.append(Process({**environment, **changes}, cwd))
        return processes[-1]

    yield started
    for process in processes:
        process.popen.kill()
        process.popen.wait()
