import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow_server import Server

ROOT = Path(__file__).parents[1]
# In an image of the tests, the folder is beside the one with the source.
TOP = next(it for it in Path(__file__).resolve().parents if (it / "contract/trainer.schema.json").is_file())
sys.path.append(str(TOP / "contract"))


@pytest.fixture
def server():
    """An empty MLflow."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A folder with demo data."""
    folder = tmp_path_factory.mktemp("data")
    run("demo", {}, f"--out={folder}", "--traces=600", "--samples=128", "--seed=11").check_returncode()
    return folder


@pytest.fixture
def variables(server, data):
    """The variables of a run that registers."""
    return {
        "MLFLOW_TRACKING_URI": server.address, "MLFLOW_EXPERIMENT_NAME": "stub-dev", "MODEL_NAME": "Stub",
        "DATA_DIR": str(data), "ENVIRONMENT": "dev", "RUN_TOKEN": "one", "TRIALS": "2",
        "GIT_COMMIT": "abc1234",
        "GATE": '{"floors": {"macroF1": 0.7}, "regression": {"macroF1": 0.02}}',
    }  # fmt: skip


def start(module, variables, *arguments):
    """Starts a module of the trainer, in an environment with these variables."""
    return subprocess.Popen(
        [sys.executable, "-m", f"stub.{module}", *arguments], cwd=ROOT, env=os.environ | variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(module, variables, *arguments):
    """Runs a module to its end."""
    process = start(module, variables, *arguments)
    output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def train(variables, **changes):
    """Runs a training that succeeds, and gives its result."""
    done = run("train", variables | changes)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)
