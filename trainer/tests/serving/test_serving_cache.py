"""The cache of served versions: a task starts while MLflow is away, and a bad cache hinders no start."""

import logging
import os
import shutil
import time
from pathlib import Path

import mlflow
import pytest

from kit.server.errors import ModelRefused, RegistryUnreachable
from kit.serving import cache as caching
from kit.serving.model import load
from seismic.serving.settings import Settings
from seismic.serving.trainer import TRAINER

AWAY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def kept_process_state():
    variables = dict(os.environ)
    yield
    mlflow.set_tracking_uri(None)
    os.environ.clear()
    os.environ.update(variables)


@pytest.fixture
def serve(environment, registry, tmp_path):
    """Load like a new task. On request, the registry is away."""
    (tmp_path / "cache").mkdir()

    def loaded(away=False, **changes):
        settings = {
            "MLFLOW_TRACKING_URI": AWAY if away else registry,
            "MODEL_CACHE": str(tmp_path / "cache"),
            "MLFLOW_RETRY_SECONDS": "2",
            "DRIFT": "false",
        }
        return load(TRAINER, Settings.from_environment({**environment, **settings, **changes}))

    return loaded


@pytest.fixture
def entries(tmp_path):
    return lambda: sorted((tmp_path / "cache").iterdir())


@pytest.fixture
def files_sha256(serve, entries):
    """The value from the training's result, which a first start gives here."""
    serve()
    (entry,) = entries()
    found = caching.ModelFiles.read(entry).sha256()
    shutil.rmtree(entry)
    return found


@pytest.mark.parametrize(
    ("settings", "what"), [("{}", "compile_pipeline"), ('{"compiledInference": false}', "stepwise")]
)
def test_what_predicts_is_a_setting_of_the_trainer(serve, settings, what):
    assert serve(TRAINER_SETTINGS=settings).probabilities.__qualname__.startswith(f"{what}.")


@pytest.mark.parametrize("known", [True, False], ids=["files known", "files not known"])
def test_a_task_starts_while_mlflow_is_away_and_says_so(serve, files_sha256, known, caplog):
    changes = {"MODEL_FILES_SHA256": files_sha256} if known else {}
    first = serve(**changes)
    caplog.clear()
    began = time.monotonic()
    second = serve(away=True, MLFLOW_RETRY_SECONDS="300", **changes)
    # Do not wait as long as without a cache.
    assert time.monotonic() - began < 30
    assert (second.sha256, second.details, second.version) == (first.sha256, first.details, first.version)
    assert second.details["metrics"] == {"f1_macro": 0.75}
    assert "Seismic version 1 is served from MODEL_CACHE" in caplog.text
    assert ("MODEL_FILES_SHA256: not given" in caplog.text) is not known


def test_without_anything_kept_it_is_told_that_mlflow_is_away(serve):
    with pytest.raises(RegistryUnreachable, match="did not answer while fetching Seismic version 1"):
        serve(away=True)


def test_another_version_or_another_model_is_not_served_from_what_is_kept(serve, files_sha256):
    serve(MODEL_FILES_SHA256=files_sha256)
    for changes in ({"MODEL_VERSION": "2"}, {"MODEL_SHA256": "0" * 64}, {"MODEL_FILES_SHA256": "0" * 64}):
        with pytest.raises(RegistryUnreachable):
            serve(away=True, **{"MODEL_FILES_SHA256": files_sha256, **changes})


@pytest.mark.parametrize("known", [True, False], ids=["files known", "files not known"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None], ids=["empty", "half", "gone"])
def test_a_kept_file_that_is_not_the_one_is_never_served(
    serve, entries, files_sha256, known, content, caplog
):
    changes = {"MODEL_FILES_SHA256": files_sha256} if known else {}
    serve(**changes)
    (entry,) = entries()
    (entry / "model.skops").unlink()
    if content is not None:
        (entry / "model.skops").write_bytes(content)
    with pytest.raises(RegistryUnreachable):
        serve(away=True, **changes)
    assert f"MODEL_CACHE: {entry} is of no use" in caplog.text
    # The next start with MLflow corrects the entry.
    serve(**changes)
    assert serve(away=True, **changes).version == "1"
    assert len(entries()) == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", None])
def test_what_is_for_display_only_keeps_no_model_from_being_served(serve, entries, content, caplog):
    serve()
    (entry,) = entries()
    (entry / "details.json").unlink()
    if content is not None:
        (entry / "details.json").write_bytes(content)
    assert serve(away=True).details == {}
    assert "details.json tells nothing of the model" in caplog.text


def test_what_mlflow_refuses_is_served_if_it_was_checked_before(serve, files_sha256, caplog):
    """The version was deleted, or its files were exchanged. The deployed version keeps serving."""
    serve(MODEL_FILES_SHA256=files_sha256)
    client = mlflow.MlflowClient()
    version = client.get_model_version("Seismic", "1")
    other = client.create_registered_model("Other").name
    try:
        assert serve(MODEL_FILES_SHA256=files_sha256, MODEL_NAME=other).version == "1"
    finally:
        client.delete_registered_model(other)
    assert "does not give Other version 1" in caplog.text
    assert version.version in ("1", 1)


@pytest.mark.parametrize("folder", ["missing", "a file", "full"])
def test_a_folder_that_takes_nothing_is_a_warning(serve, entries, tmp_path, folder, caplog, monkeypatch):
    changes = {}
    if folder == "missing":
        changes["MODEL_CACHE"] = str(tmp_path / "missing")
    elif folder == "a file":
        (tmp_path / "file").touch()
        changes["MODEL_CACHE"] = str(tmp_path / "file")
    else:

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(caching, "_sync", full)
    assert serve(**changes).version == "1"
    assert "MODEL_CACHE: nothing can be kept in " in caplog.text
    assert entries() == []


def test_nothing_is_kept_without_the_variable(serve, entries, caplog):
    caplog.set_level(logging.WARNING)
    serve(MODEL_CACHE="")
    assert entries() == []
    assert "MODEL_CACHE" not in caplog.text


def test_only_the_last_few_versions_are_kept_once_each(serve, entries, tmp_path):
    root = tmp_path / "cache"
    for number in range(caching.KEPT + 2):
        old = root / f"{number + 10}-{'a' * 64}-x"
        old.mkdir()
        os.utime(old, (number, number))
    for name, age in ((".new-stale", 2 * caching.STALE_SECONDS), (".new-young", 0)):
        (root / name).mkdir()
        os.utime(root / name, (time.time() - age,) * 2)
    serve()
    serve()
    names = [entry.name for entry in entries()]
    assert ".new-young" in names
    assert ".new-stale" not in names
    kept = [name.partition("-")[0] for name in names if not name.startswith(".new-")]
    assert sorted(kept, key=int) == ["1", "13", "14", "15", "16"]


def test_an_entry_can_be_read_by_another_user(serve, entries):
    serve()
    (entry,) = entries()
    assert entry.stat().st_mode & 0o777 == 0o755
    assert all(Path(file).stat().st_mode & 0o444 == 0o444 for file in entry.iterdir())


def test_other_files_in_mlflow_are_refused_where_nothing_was_kept(serve):
    with pytest.raises(ModelRefused, match=r"^MODEL_FILES_SHA256: Seismic version 1 has files of hash"):
        serve(MODEL_FILES_SHA256="0" * 64)
