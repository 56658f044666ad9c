"""A registry of files with one version, to be opened and tampered with."""

import shutil
from pathlib import Path

import mlflow
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from seismic.learning.features import TraceFeatures
from seismic.registry.model_files import MODEL, TRUSTED_TYPES

SAMPLES = 60
ROOT = Path(__file__).parents[2]


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
