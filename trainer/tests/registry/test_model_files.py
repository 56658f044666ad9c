"""A person who may write a version's files in MLflow cannot run code here: a payload would leave a mark."""

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import mlflow
import numpy as np
import pytest
import skops.io
from mlflow.store.artifact.models_artifact_repo import ModelsArtifactRepository
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from seismic.learning.features import TraceFeatures
from seismic.learning.fingerprint import model_sha256
from seismic.registry import model_files
from seismic.registry.model_files import EXAMPLE, MODEL, TRUSTED_TYPES, ModelFiles, ModelUnusable, OtherHash

SAMPLES = 60
ROOT = Path(__file__).parents[2]


class Payload:
    """A pickle's action when it is loaded: it writes to a file."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.fixture(scope="module")
def traces():
    return np.random.default_rng(3).standard_normal((30, SAMPLES)).astype(np.float32)


@pytest.fixture(scope="module")
def pipeline(traces):
    steps = [
        ("features", TraceFeatures(n_components=4, interval_us=4000)),
        ("scale", StandardScaler()),
        ("classifier", LogisticRegression()),
    ]
    return Pipeline(steps).fit(traces, np.repeat(["normal", "anomaly", "boundary"], 10))


@pytest.fixture(scope="module")
def registry(tmp_path_factory, pipeline, traces):
    """A registry of files with version 1 of Seismic: its address, and the folder of the version's files."""
    root = tmp_path_factory.mktemp("registry")
    uri = f"sqlite:///{root}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    experiment = mlflow.create_experiment("test", artifact_location=str(root / "artifacts"))
    with mlflow.start_run(experiment_id=experiment):
        mlflow.sklearn.log_model(
            pipeline, name="model", registered_model_name="Seismic", serialization_format="skops",
            skops_trusted_types=sorted(TRUSTED_TYPES), pip_requirements=["skops"], input_example=traces[:1],
            code_paths=[str(ROOT / "seismic")],
        )  # fmt: skip
    (file,) = (root / "artifacts").rglob(MODEL)
    yield uri, file.parent
    mlflow.set_tracking_uri(None)


@pytest.fixture
def version(registry, tmp_path):
    """The registry. After each test, its files are restored."""
    uri, folder = registry
    mlflow.set_tracking_uri(uri)
    shutil.copytree(folder, tmp_path / "kept")
    yield uri, folder
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "kept", folder)


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
    (folder / "code/seismic/__init__.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    (folder / "code/seismic/features.py").write_text(f"open({str(mark)!r}, 'w').close()\n")


ATTACKS = [name_pickle, replace_by_pickle, shim_that_refuses, shim_that_steps_aside, shim_of_ours]
OPEN = """
import sys, mlflow
from seismic.registry.model_files import ModelFiles, ModelUnusable
uri, sha256, files_sha256 = sys.argv[1:]
mlflow.set_tracking_uri(uri)
for known in (files_sha256, ""):
    try:
        ModelFiles.fetch("models:/Seismic/1").load(sha256, known)
        print("loaded")
    except ModelUnusable as error:
        print(error)
"""
BY_MLFLOW = """
import sys, mlflow, mlflow.pyfunc
mlflow.set_tracking_uri(sys.argv[1])
mlflow.pyfunc.load_model("models:/Seismic/1")
"""


def run(program: str, *args: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program, *args], cwd=ROOT, text=True, capture_output=True, check=False,
        # Our way of loading keeps the payload from running, not MLflow's switch.
        env=os.environ | {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true"},
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


def save(folder: Path, model) -> None:
    (folder / MODEL).write_bytes(skops.io.dumps(model))


def test_types_of_the_artifact_s_choice_are_not_loaded(tmp_path, pipeline):
    """MLmodel may name any type as trusted, but only the code's list counts."""
    save(tmp_path, Pipeline([("run", FunctionTransformer(os.system)), *pipeline.steps[1:]]))
    with pytest.raises(ModelUnusable, match=r"does not load: UntrustedTypesFoundException: .*system"):
        ModelFiles.read(tmp_path).load("0" * 64)


def test_bytes_are_hashed_before_they_are_opened(tmp_path, monkeypatch):
    (tmp_path / MODEL).write_bytes(b"anything")
    monkeypatch.setattr(model_files.skops.io, "loads", lambda *_, **__: pytest.fail("opened"))
    monkeypatch.setattr(model_files.zipfile, "ZipFile", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(OtherHash, match=f"^has files of hash [0-9a-f]{{64}}, expected {'0' * 64}$"):
        ModelFiles.read(tmp_path).load("0" * 64, "0" * 64)


def test_another_model_is_refused_where_only_the_model_s_hash_is_known(tmp_path, pipeline):
    save(tmp_path, pipeline)
    with pytest.raises(OtherHash, match=f"^has hash {model_sha256(pipeline)}, expected {'0' * 64}$"):
        ModelFiles.read(tmp_path).load("0" * 64)


def test_what_is_no_pipeline_is_refused(tmp_path):
    save(tmp_path, StandardScaler())
    with pytest.raises(ModelUnusable, match=r"^is a StandardScaler, not a pipeline with predict_proba$"):
        ModelFiles.read(tmp_path).load("0" * 64)


def test_files_that_are_too_large_are_neither_fetched_nor_unpacked(version, tmp_path, monkeypatch):
    _, folder = version
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * 2_000_000)
    (folder / MODEL).write_bytes(bomb.getvalue())
    monkeypatch.setattr(model_files, "LARGEST_UNPACKED", 1_000_000)
    with pytest.raises(ModelUnusable, match=r"^has more than 1000000 bytes when it is unpacked$"):
        ModelFiles.fetch("models:/Seismic/1").load("0" * 64)

    monkeypatch.setitem(model_files.LARGEST, MODEL, 1000)
    monkeypatch.setattr(ModelsArtifactRepository, "download_artifacts", lambda *_: pytest.fail("fetched"))
    with pytest.raises(ModelUnusable, match=r"^has a model.skops of \d+ bytes; at most 1000 are read$"):
        ModelFiles.fetch("models:/Seismic/1")


@pytest.mark.parametrize("instead", ["nothing", "a folder"])
def test_a_version_without_its_file_is_told(version, instead):
    _, folder = version
    (folder / MODEL).unlink()
    if instead == "a folder":
        (folder / MODEL / "deep").mkdir(parents=True)
        (folder / MODEL / "deep" / "file").touch()
    with pytest.raises(ModelUnusable, match=r"^lost its files: MLflow has no model.skops at"):
        ModelFiles.fetch("models:/Seismic/1")


def test_the_hash_is_of_names_and_bytes_of_what_is_opened(version, pipeline):
    _, folder = version
    files = ModelFiles.read(folder)
    assert files == ModelFiles.fetch("models:/Seismic/1")
    assert model_sha256(files.load(model_sha256(pipeline), files.sha256())) == model_sha256(pipeline)
    hashes = {files.sha256(), ModelFiles(files.model).sha256(), ModelFiles(files.model, b"[]").sha256()}
    assert len(hashes) == 3
    shutil.rmtree(folder / "code")
    (folder / "MLmodel").unlink()
    assert ModelFiles.read(folder).sha256() == files.sha256()


@pytest.mark.parametrize(
    "example",
    [
        None,
        b"",
        b"{",
        b"null",
        b"[]",
        b"[[1, 2]]",
        b'["a"]',
        b"[[NaN]]",
        b'{"inputs": 1}',
        b"\xff",
        b"[[1e999]]",
    ],
)
def test_an_example_that_is_none_is_not_shown(example, caplog):
    assert ModelFiles(b"", example).sample(1) is None
    assert (EXAMPLE in caplog.text) is (example is not None)


def test_an_example_is_the_trace_that_was_kept(version, traces):
    _, folder = version
    sample = ModelFiles.read(folder).sample(SAMPLES)
    assert sample.dtype == np.float32
    assert np.array_equal(sample, traces[0])
    assert json.loads((folder / EXAMPLE).read_text())
