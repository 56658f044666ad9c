"""A registry of files with one version, to be opened and tampered with."""

import shutil

import mlflow
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from small import MODEL_CODE, Halved

from kit.registry.model_files import MODEL

COLUMNS = 60


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(3).standard_normal((30, COLUMNS)).astype(np.float32)


@pytest.fixture(scope="module")
def pipeline(rows):
    steps = [
        ("features", Halved()),
        ("scale", StandardScaler()),
        ("classifier", LogisticRegression()),
    ]
    return Pipeline(steps).fit(rows, np.repeat(["normal", "anomaly", "boundary"], 10))


@pytest.fixture(scope="module")
def registry(tmp_path_factory, pipeline, rows):
    """A registry of files with version 1 of Small: its address, and the folder of the version's files."""
    root = tmp_path_factory.mktemp("registry")
    uri = f"sqlite:///{root}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    experiment = mlflow.create_experiment("test", artifact_location=str(root / "artifacts"))
    with mlflow.start_run(experiment_id=experiment):
        mlflow.sklearn.log_model(
            pipeline, name="model", registered_model_name="Small", serialization_format="skops",
            skops_trusted_types=sorted(MODEL_CODE.types), pip_requirements=["skops"], input_example=rows[:1],
            code_paths=[str(path) for path in MODEL_CODE.paths],
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
