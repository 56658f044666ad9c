"""Loads the one model version that this service may serve, and refuses every other one."""

import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import mlflow
import numpy as np
import sklearn
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from kit.drift.reference import Reference
from kit.drift.reference_loading import ReferenceLoading, reference_of
from kit.registry.connection import Unreachable, bound_retries, hurry, quiet_mlflow, speaking
from kit.registry.model_files import ModelFiles, ModelUnusable, OtherHash
from kit.server.errors import ModelRefused, RegistryUnreachable, StartupError
from kit.serving.cache import Cache, Fetched
from kit.serving.handler import Handler
from kit.serving.probabilities import Probabilities
from kit.serving.settings import Settings
from kit.serving.tasks.task import Task
from kit.serving.tasks.tasks import task_of
from kit.serving.trainer import Trainer

log = logging.getLogger("serving")

# The rows that a model must predict before it serves.
PROBES = 2


@dataclass(frozen=True)
class ServedModel:
    """A fitted pipeline with its trainer's handler, and the facts about it.

    `task` knows the columns of the handler's predictions, and what becomes of them. `details` has the
    registry's facts (metrics, tags, times), which are only shown. `sample` is a row (n_values,) that the
    trainer stored as an example, if it did. `reference` has the stored figures of the training data, if there
    are any and they are asked for.
    """

    pipeline: Pipeline
    handler: Handler
    name: str
    version: str
    sha256: str
    task: Task
    details: dict[str, Any]
    sample: np.ndarray | None = None
    reference: Reference | None = None

    @classmethod
    def of(
        cls,
        pipeline: Pipeline,
        handler: Handler,
        name: str,
        version: str,
        sha256: str,
        details: dict[str, Any],
        sample: np.ndarray | None = None,
        reference: Reference | None = None,
    ) -> "ServedModel":
        """Wrap a fitted classifier or regressor; raises ModelRefused if it does not predict."""
        task = task_of(pipeline)
        model = cls(pipeline, handler, name, version, sha256, task, details, sample, reference)
        _check_predicts(model)
        return model

    @property
    def probabilities(self) -> Probabilities:
        """What predicts."""
        return self.handler.probabilities


def load(trainer: Trainer, settings: Settings) -> ServedModel:
    """Fetch, load and check the version of the settings. If MLflow does not give it, take it from the cache.

    Nothing is read from MLflow afterwards, so the service goes on without MLflow.

    Raises
    ------
    RegistryUnreachable : MLflow did not answer in time.
    ModelRefused : the version does not exist, has another hash, or does not predict.
    """
    name, version = settings.model_name, str(settings.model_version)
    what = f"{name} version {version}"
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    # No code here asks MLflow to load a model. If a library ever did, it would be refused.
    os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"
    quiet_mlflow()
    if not settings.model_files_sha256:
        log.warning(
            "MODEL_FILES_SHA256: not given; the files of %s are opened as data, and then the model's hash is "
            "checked. The next training run makes theirs known",
            what,
        )
    cache = Cache(settings, trainer.code.trusted)
    cached = cache.read()
    if cached is None:
        bound_retries(settings.mlflow_retry_seconds)
    else:
        # The service does not depend on an answer.
        hurry()
    try:
        fetched = _fetch(settings, what)
        pipeline = _load_pipeline(fetched.files, settings, trainer.code.trusted, what)
    except StartupError as error:
        if cached is None:
            raise
        log.warning("%s is served from MODEL_CACHE, as it was checked before: %s", what, error)
        fetched, pipeline = cached
    else:
        cache.keep(fetched)
    handler = trainer.handler(pipeline, what, settings)
    reference = None
    if settings.drift and fetched.reference is not None:
        reference = reference_of(fetched.reference, handler.feature_names)
    sample = fetched.files.sample(handler.n_values)
    return ServedModel.of(
        pipeline, handler, name, version, settings.model_sha256, fetched.details, sample, reference
    )


def _fetch(settings: Settings, what: str) -> Fetched:
    mlflow.set_tracking_uri(settings.tracking_uri)
    client = mlflow.MlflowClient()
    name, version = settings.model_name, str(settings.model_version)
    try:
        with speaking(settings.tracking_uri, f"fetching {what}"):
            registered = client.get_model_version(name, version)
            loading = ReferenceLoading(client, registered.run_id) if settings.drift else None
            files = ModelFiles.fetch(f"models:/{name}/{version}")
    except Unreachable as error:
        raise RegistryUnreachable(str(error)) from error
    except (ModelUnusable, MlflowException, OSError) as error:
        raise ModelRefused(
            f"MODEL_VERSION: MLflow at {settings.tracking_uri} does not give {what}: {error}; "
            "train again, or roll back to a version that it has"
        ) from error
    return Fetched(files, _details(client, registered), loading.text() if loading else None)


def tune_runtime() -> None:
    """Prepare this process for small calls: one thread, and no checks that parsing has made already."""
    sklearn.set_config(assume_finite=True, skip_parameter_validation=True)
    threadpool_limits(limits=1)


def _load_pipeline(files: ModelFiles, settings: Settings, trusted: frozenset[str], what: str) -> Pipeline:
    try:
        return files.load(settings.model_sha256, settings.model_files_sha256, trusted)
    except OtherHash as error:
        raise ModelRefused(
            f"MODEL_{error.of}: {what} {error}; "
            "the registry or the deployment was changed by hand: run the deployment again"
        ) from error
    except ModelUnusable as error:
        raise ModelRefused(f"MODEL_VERSION: {what} {error}") from error


def _check_predicts(model: ServedModel) -> None:
    """Ask the model before anybody else does, because a loaded model may still predict NaN.

    This also warms caches.
    """
    what = f"MODEL_VERSION: {model.name} version {model.version}"
    n_values = model.handler.n_values
    try:
        predictions = model.probabilities(probes(model))
        problem = (
            model.task.problem(predictions) if len(predictions) == PROBES else _other_length(predictions)
        )
    except Exception as error:
        raise ModelRefused(
            f"{what} does not predict rows of {n_values} values, which its handler reads: "
            f"{type(error).__name__}: {error}"
        ) from error
    if problem is not None:
        raise ModelRefused(f"{what} {problem}")


def probes(model: ServedModel) -> np.ndarray:
    """Rows (PROBES, n_values) float32 for a first call.

    The stored example is the better row, because a regressor may overflow on noise.
    """
    if model.sample is not None:
        return np.stack([model.sample] * PROBES)
    return np.random.default_rng(0).standard_normal((PROBES, model.handler.n_values)).astype(np.float32)


def _other_length(predictions: np.ndarray) -> str:
    return f"gives {len(predictions)} predictions for {PROBES} rows"


def _details(client: mlflow.MlflowClient, registered: ModelVersion) -> dict[str, Any]:
    """The facts that /model_info shows beside the model. Without a run, the model is served too."""
    run: Run | None = None
    try:
        run = client.get_run(registered.run_id) if registered.run_id else None
    except Exception as error:
        log.warning("no metrics of run %s: %s", registered.run_id, error)
    tags = {**(run.data.tags if run else {}), **registered.tags}
    trained_ms = (run.info.end_time or run.info.start_time) if run else registered.creation_timestamp
    return {
        "run_id": registered.run_id or None,
        "trained_at": datetime.fromtimestamp(trained_ms / 1000, UTC).isoformat(timespec="seconds"),
        "metrics": dict(sorted(run.data.metrics.items())) if run else {},
        "parameters": dict(sorted(run.data.params.items())) if run else {},
        # MLflow's own tags repeat the facts above, or describe the machine.
        "tags": {key: tags[key] for key in sorted(tags) if not key.startswith("mlflow.")},
    }
