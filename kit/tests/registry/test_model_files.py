"""The files of a version: what is hashed, opened, refused and shown."""

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from mlflow.store.artifact.models_artifact_repo import ModelsArtifactRepository
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier, TweedieRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from small import MODEL_CODE

from kit.registry import model_files
from kit.registry.fingerprint import model_sha256
from kit.registry.model_files import EXAMPLE, MODEL, ModelFiles, ModelUnusable, OtherHash


def save(folder: Path, model) -> None:
    (folder / MODEL).write_bytes(skops.io.dumps(model))


def test_types_of_the_artifact_s_choice_are_not_loaded(tmp_path, pipeline):
    """MLmodel may name any type as trusted, but only the code's list counts."""
    save(tmp_path, Pipeline([("run", FunctionTransformer(os.system)), *pipeline.steps[1:]]))
    with pytest.raises(ModelUnusable, match=r"does not load: UntrustedTypesFoundException: .*system"):
        ModelFiles.read(tmp_path).load("0" * 64, trusted=MODEL_CODE.trusted)


def test_bytes_are_hashed_before_they_are_opened(tmp_path, monkeypatch):
    (tmp_path / MODEL).write_bytes(b"anything")
    monkeypatch.setattr(model_files.skops.io, "loads", lambda *_, **__: pytest.fail("opened"))
    monkeypatch.setattr(model_files.zipfile, "ZipFile", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(OtherHash, match=f"^has files of hash [0-9a-f]{{64}}, expected {'0' * 64}$"):
        ModelFiles.read(tmp_path).load("0" * 64, "0" * 64)


def test_another_model_is_refused_where_only_the_model_s_hash_is_known(tmp_path, pipeline):
    save(tmp_path, pipeline)
    with pytest.raises(OtherHash, match=f"^has hash {model_sha256(pipeline)}, expected {'0' * 64}$"):
        ModelFiles.read(tmp_path).load("0" * 64, trusted=MODEL_CODE.trusted)


def test_a_trainer_s_own_types_are_loaded_only_where_it_trusts_them(tmp_path, pipeline):
    save(tmp_path, pipeline)
    with pytest.raises(ModelUnusable, match=r"^does not load: UntrustedTypesFoundException: .*small\.Halved"):
        ModelFiles.read(tmp_path).load(model_sha256(pipeline))
    loaded = ModelFiles.read(tmp_path).load(model_sha256(pipeline), trusted=MODEL_CODE.trusted)
    assert type(loaded[0]) is type(pipeline[0])


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (StandardScaler(), "is a StandardScaler; expected a Pipeline of scikit-learn"),
        (Pipeline([("scale", StandardScaler())]), "ends with a StandardScaler, which predicts nothing; "),
        (
            Pipeline([("labels", RidgeClassifier())]).fit([[0], [1]], ["a", "b"]),
            "ends with a RidgeClassifier, a classifier without predict_proba; expected ",
        ),
        (
            Pipeline([("labels", LogisticRegression())]).fit([[0], [1]], [False, True]),
            r"ends with a LogisticRegression with the class .*False.* of type bool_?; expected classes ",
        ),
    ],
)
def test_what_is_neither_a_classifier_nor_a_regressor_is_refused(tmp_path, model, says):
    save(tmp_path, model)
    with pytest.raises(ModelUnusable, match=f"^{says}"):
        ModelFiles.read(tmp_path).load("0" * 64)


@pytest.mark.parametrize(
    "regressor",
    [
        LinearRegression(),
        TweedieRegressor(power=0),
        TweedieRegressor(power=1.5),
        RandomForestRegressor(3),
        GradientBoostingRegressor(n_estimators=3),
        *(HistGradientBoostingRegressor(loss=loss, max_iter=3) for loss in ("squared_error", "poisson")),
        HistGradientBoostingRegressor(loss="quantile", quantile=0.9, max_iter=3),
        MLPRegressor(hidden_layer_sizes=4, max_iter=2000, tol=1e-2),
        MLPRegressor(hidden_layer_sizes=4, solver="sgd", max_iter=2000, tol=1e-2),
        TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler()),
    ],
    ids=lambda regressor: type(regressor).__name__,
)
def test_usual_regressors_are_loaded_as_they_were(tmp_path, rows, regressor):
    pipeline = Pipeline([("scale", StandardScaler()), ("regressor", regressor)]).fit(
        rows, 1 + rows[:, 0] ** 2
    )
    save(tmp_path, pipeline)

    loaded = ModelFiles.read(tmp_path).load(model_sha256(pipeline))

    assert np.array_equal(loaded.predict(rows), pipeline.predict(rows))


def test_files_that_are_too_large_are_neither_fetched_nor_unpacked(version, tmp_path, monkeypatch):
    _, folder = version
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * 2_000_000)
    (folder / MODEL).write_bytes(bomb.getvalue())
    monkeypatch.setattr(model_files, "LARGEST_UNPACKED", 1_000_000)
    with pytest.raises(ModelUnusable, match=r"^has more than 1000000 bytes when it is unpacked$"):
        ModelFiles.fetch("models:/Small/1").load("0" * 64)

    monkeypatch.setitem(model_files.LARGEST, MODEL, 1000)
    monkeypatch.setattr(ModelsArtifactRepository, "download_artifacts", lambda *_: pytest.fail("fetched"))
    with pytest.raises(ModelUnusable, match=r"^has a model.skops of \d+ bytes; at most 1000 are read$"):
        ModelFiles.fetch("models:/Small/1")


@pytest.mark.parametrize("instead", ["nothing", "a folder"])
def test_a_version_without_its_file_is_told(version, instead):
    _, folder = version
    (folder / MODEL).unlink()
    if instead == "a folder":
        (folder / MODEL / "deep").mkdir(parents=True)
        (folder / MODEL / "deep" / "file").touch()
    with pytest.raises(ModelUnusable, match=r"^lost its files: MLflow has no model.skops at"):
        ModelFiles.fetch("models:/Small/1")


def test_the_hash_is_of_names_and_bytes_of_what_is_opened(version, pipeline):
    _, folder = version
    files = ModelFiles.read(folder)
    assert files == ModelFiles.fetch("models:/Small/1")
    sha256 = model_sha256(pipeline)
    assert model_sha256(files.load(sha256, files.sha256(), MODEL_CODE.trusted)) == sha256
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


def test_an_example_is_the_row_that_was_kept(version, rows):
    _, folder = version
    sample = ModelFiles.read(folder).sample(rows.shape[1])
    assert sample.dtype == np.float32
    assert np.array_equal(sample, rows[0])
    assert json.loads((folder / EXAMPLE).read_text())
