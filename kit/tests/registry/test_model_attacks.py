"""A person who may write a version's files in MLflow cannot run code here: a payload would leave a mark."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from kit.registry.fingerprint import model_sha256
from kit.registry.model_files import MODEL, ModelFiles

HERE = Path(__file__).parent
KIT = HERE.parents[1]


class Payload:
    """A pickle's action when it is loaded: it writes to a file."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


def name_pickle(folder: Path, mark: Path) -> None:
    """Make MLmodel name another file, a pickle."""
    described = (folder / "MLmodel").read_text()
    described = described.replace("serialization_format: skops", "serialization_format: pickle")
    (folder / "MLmodel").write_text(described.replace(MODEL, "model.pkl"))
    (folder / "model.pkl").write_bytes(pickle.dumps(Payload(mark)))


def replace_by_pickle(folder: Path, mark: Path) -> None:
    """Put a pickle under the model's name into the file that is opened."""
    (folder / MODEL).write_bytes(pickle.dumps(Payload(mark)))


def shim(folder: Path, package: str, mark: Path, then: str) -> None:
    """Put a module into the model's own code, which comes first on the import path when MLflow loads."""
    where = folder / "code" / package
    where.mkdir(parents=True, exist_ok=True)
    (where / "__init__.py").write_text(f"open({str(mark)!r}, 'w').close()\n{then}\n")


def shim_that_refuses(folder: Path, mark: Path) -> None:
    shim(folder, "skops", mark, "raise ImportError('no skops')")


def shim_that_steps_aside(folder: Path, mark: Path) -> None:
    """A module that runs, and afterwards leaves no difference."""
    aside = "import sys; sys.path.pop(0); del sys.modules['skops']; import skops"
    shim(folder, "skops", mark, aside)


def shim_of_ours(folder: Path, mark: Path) -> None:
    for each in ("small/__init__.py", "kit/__init__.py", "kit/registry/__init__.py"):
        (folder / "code" / each).write_text(f"open({str(mark)!r}, 'w').close()\n")


ATTACKS = [name_pickle, replace_by_pickle, shim_that_refuses, shim_that_steps_aside, shim_of_ours]
OPEN = """
import sys, mlflow
from kit.registry.model_files import ModelFiles, ModelUnusable
from small import MODEL_CODE
uri, sha256, files_sha256 = sys.argv[1:]
mlflow.set_tracking_uri(uri)
for known in (files_sha256, ""):
    try:
        ModelFiles.fetch("models:/Small/1").load(sha256, known, MODEL_CODE.trusted)
        print("loaded")
    except ModelUnusable as error:
        print(error)
"""
BY_MLFLOW = """
import sys, mlflow, mlflow.pyfunc
mlflow.set_tracking_uri(sys.argv[1])
mlflow.pyfunc.load_model("models:/Small/1")
"""


def run(program: str, *args: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program, *args], cwd=KIT, text=True, capture_output=True, check=False,
        # Our way of loading keeps the payload from running, not MLflow's switch.
        env=os.environ
        | {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true", "PYTHONPATH": f"{HERE}{os.pathsep}{KIT}"},
    )  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_was_put_into_a_version_is_run(version, pipeline, tmp_path, attack):
    uri, folder = version
    files_sha256 = ModelFiles.read(folder).sha256()
    mark = tmp_path / "mark"
    attack(folder, mark)

    ended = run(OPEN, uri, model_sha256(pipeline), files_sha256)

    assert not mark.exists()
    assert ended.returncode == 0, ended.stderr
    # A file beside the opened file does not matter.
    pickled = ["has files of hash", "does not load: BadZipFile"]
    wanted = pickled if attack is replace_by_pickle else ["loaded", "loaded"]
    for said, line in zip(wanted, ended.stdout.splitlines(), strict=True):
        assert line.startswith(said)


def test_the_payload_is_one_that_would_run(version, tmp_path):
    """The tests above would also pass with a broken payload, so show that this one works."""
    uri, folder = version
    mark = tmp_path / "mark"
    shim_that_steps_aside(folder, mark)
    run(BY_MLFLOW, uri)
    assert mark.exists()
