"""One MLflow server for all tests of a whole training run; an experiment and a model for each."""

import json
import os
import re
import signal

import mlflow
import pytest
from mlflow_server import FIXED, Server

from seismic.demo import write_demo

NAME = "SeismicClassifier"


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_demo(folder, inlines=24, crosslines=40, samples=64, seed=7)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("mlflow"))
    yield made.wait()
    made.kill()


@pytest.fixture
def client(server):
    return mlflow.MlflowClient(server.address, server.address)


@pytest.fixture
def environment(request, data, server):
    """Each test has an experiment and a model of its own on the one server."""
    test = re.sub(r"\W+", "-", request.node.name)
    return {
        "MLFLOW_TRACKING_URI": server.address,
        "MLFLOW_EXPERIMENT_NAME": test,
        "MODEL_NAME": f"{NAME}-{test}",
        "DATA_DIR": str(data),
        "ENVIRONMENT": "dev",
        "RUN_TOKEN": "one",
        "GIT_COMMIT": "0123456789abcdef",
        "RELEASE_REF": "v1",
        "HYPERPARAMETERS": json.dumps(FIXED),
        "THREADS": "2",
        "MLFLOW_RETRY_SECONDS": "6",
    }


@pytest.fixture(autouse=True)
def kept_process_state():
    """`main` sets variables, a handler and MLflow's addresses, as it owns its process; here it does not."""
    variables, handler = dict(os.environ), signal.getsignal(signal.SIGTERM)
    yield
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)
    os.environ.clear()
    os.environ.update(variables)
    signal.signal(signal.SIGTERM, handler)
