"""One MLflow server for all tests of a whole training run. Each test has an experiment and a model."""

import json
import re

import mlflow
import pytest
from mlflow_server import FIXED, Server, kept_process_state

from seismic.demo.survey import write_demo

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


@pytest.fixture(scope="session")
def environment_of(data, server):
    """The trainer's variables for an experiment and a model of this name on the server."""

    def made(name):
        return {
            "MLFLOW_TRACKING_URI": server.address,
            "MLFLOW_EXPERIMENT_NAME": name,
            "MODEL_NAME": f"{NAME}-{name}",
            "DATA_DIR": str(data),
            "ENVIRONMENT": "dev",
            "RUN_TOKEN": "one",
            "GIT_COMMIT": "0123456789abcdef",
            "RELEASE_REF": "v1",
            "HYPERPARAMETERS": json.dumps(FIXED),
            "THREADS": "2",
            "MLFLOW_RETRY_SECONDS": "6",
        }

    return made


@pytest.fixture
def environment(request, environment_of):
    """The variables of a test, with its own experiment and model."""
    return environment_of(re.sub(r"\W+", "-", request.node.name))


@pytest.fixture(autouse=True)
def own_process_state():
    with kept_process_state():
        yield
