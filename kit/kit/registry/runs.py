"""MLflow: the run with its figures and artifacts, the uploaded model, and the fence.

Every call uses `MlflowClient` with explicit run ids. The fluent interface would end the run by itself at
exit, and wait again for a server that is gone.
"""

import logging
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import mlflow.sklearn
import numpy as np
import skops.io
from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.models.model import ModelInfo
from mlflow.types import Schema, TensorSpec
from sklearn.pipeline import Pipeline

from kit.contract.protocol import Superseded
from kit.registry.artifacts import download_artifact
from kit.registry.connection import bound_retries, hurry, is_missing, quiet_mlflow, speaking
from kit.registry.kind import kind_of
from kit.registry.model_code import ModelCode
from kit.registry.model_files import ModelFiles
from kit.registry.names import DESCRIPTION, RUN_TOKEN, SUPERSEDED_BY
from kit.registry.settings import RegistrySettings
from kit.registry.versions import Versions, given

MODEL = "model"
# In bytes.
LARGEST_ARTIFACT = 1 << 20

log = logging.getLogger("registry")


class Registry:
    """The MLflow of one environment, for one training run. `versions` are those of its registered model.

    Every method raises `connection.Unreachable` if the server does not answer in time.
    """

    def __init__(self, settings: RegistrySettings, code: ModelCode):
        self.settings = settings
        self._code = code
        self.run_id = ""
        self.experiment_id = ""
        bound_retries(settings.mlflow_retry_seconds)
        quiet_mlflow()
        # log_model has no parameter for a client, and uses only these settings.
        mlflow.set_tracking_uri(settings.mlflow_tracking_uri)
        mlflow.set_registry_uri(settings.mlflow_tracking_uri)
        self._client = mlflow.MlflowClient(settings.mlflow_tracking_uri, settings.mlflow_tracking_uri)
        self.versions = Versions(self._client, settings, code.trusted)

    def start(self, tags: Mapping[str, str]) -> None:
        """Set the fence and create the run. End the runs that earlier attempts left."""
        settings = self.settings
        with self._speaking("opening the experiment"):
            self.experiment_id = self._experiment(settings.mlflow_experiment_name)
            self._client.set_experiment_tag(self.experiment_id, RUN_TOKEN, settings.run_token)
            for left in self._client.search_runs([self.experiment_id], "attributes.status = 'RUNNING'"):
                log.warning(
                    "run %s was left running by an earlier attempt: marked as killed", left.info.run_id
                )
                self._client.set_tag(left.info.run_id, SUPERSEDED_BY, settings.run_token)
                self._client.set_terminated(left.info.run_id, "KILLED")
            name = f"{settings.environment}-{settings.git_commit[:7] or 'uncommitted'}"
            run = self._client.create_run(self.experiment_id, tags=given(tags), run_name=name)
            self.run_id = run.info.run_id

    def end(self, status: str) -> None:
        """Mark the run as FINISHED, FAILED or KILLED. The latter two make only one short attempt."""
        if not self.run_id:
            return
        if status != "FINISHED":
            hurry()
        with self._speaking("ending the run"):
            self._client.set_terminated(self.run_id, status)

    def check_fence(self) -> None:
        """Raise `Superseded` if a later attempt has set its fence since `start`."""
        with self._speaking("reading the fence"):
            token = self._client.get_experiment(self.experiment_id).tags.get(RUN_TOKEN)
        if token != self.settings.run_token:
            raise Superseded(
                f"RUN_TOKEN: this attempt is {self.settings.run_token!r}, and {token!r} has started since in "
                f"experiment {self.settings.mlflow_experiment_name!r}: superseded, nothing was registered"
            )

    def log_figures(
        self, parameters: Mapping[str, Any], metrics: Mapping[str, float], tags: Mapping[str, str]
    ) -> None:
        """Log parameters, metrics and tags in one request."""
        now = int(time.time() * 1000)
        with self._speaking("logging the figures"):
            self._client.log_batch(
                self.run_id,
                metrics=[Metric(name, float(value), now, 0) for name, value in metrics.items()],
                params=[Param(name, str(value)) for name, value in parameters.items()],
                tags=[RunTag(name, value) for name, value in given(tags).items()],
            )

    def describe(self, markdown: str) -> None:
        """Set the run's description in MLflow, also after the run has ended."""
        with self._speaking("describing the run"):
            self._client.set_tag(self.run_id, DESCRIPTION, markdown)

    def run(self, run_id: str) -> Run | None:
        """A run with its parameters and tags; None if MLflow has no run of this id."""
        with self._speaking(f"reading run {run_id}"):
            try:
                return self._client.get_run(run_id)
            except MlflowException as error:
                if is_missing(error):
                    return None
                raise

    def artifact(self, run_id: str, name: str) -> bytes | None:
        """A small artifact of a run; None if the run has no file of this name, or too large a one."""
        with self._speaking(f"reading {name} of run {run_id}"), tempfile.TemporaryDirectory() as folder:
            path = download_artifact(self._client, run_id, name, Path(folder), LARGEST_ARTIFACT)
            return None if path is None else path.read_bytes()

    def log_folder(self, folder: Path) -> None:
        """Upload the files of a folder as artifacts of the run."""
        with self._speaking("uploading the artifacts"):
            self._client.log_artifacts(self.run_id, str(folder))

    def log_text(self, name: str, text: str) -> None:
        """Upload a text as an artifact of the run."""
        with self._speaking(f"uploading {name}"):
            self._client.log_text(self.run_id, text, name)

    def complete(self, run_id: str, path: Path) -> None:
        """Add a file to an earlier run that was made before such files existed.

        Only that run's version needs the file, so a failure is a warning, and this run goes on.
        """
        try:
            with self._speaking(f"completing run {run_id}"):
                if path.name not in {file.path for file in self._client.list_artifacts(run_id)}:
                    self._client.log_artifact(run_id, str(path))
                    log.info("run %s had no %s: added", run_id, path.name)
        except Exception as error:
            log.warning("run %s gets no %s: %s", run_id, path.name, error)

    def upload(self, pipeline: Pipeline, example: np.ndarray) -> ModelInfo:
        """Upload the model as an artifact of the run. This does not make a version.

        Parameters
        ----------
        pipeline : takes raw rows (n, n_values), gives labels or values.
        example : (1, n_values) float32, one raw row.

        Raises
        ------
        TypeError
            for a model with types that the trainer does not trust (`ModelCode.types`), and for a
            pipeline that is neither a classifier nor a regressor.
        """
        try:
            kind = kind_of(pipeline)
        except TypeError as error:
            raise TypeError(f"the model {error}") from error
        foreign = set(skops.io.get_untrusted_types(data=skops.io.dumps(pipeline)))
        if unknown := foreign - self._code.trusted:
            raise TypeError(
                f"the model holds {', '.join(sorted(unknown))}; add it to ModelCode if it is harmless"
            )
        signature = ModelSignature(
            inputs=Schema([TensorSpec(np.dtype(np.float32), (-1, example.shape[1]))]),
            outputs=Schema([TensorSpec(kind.output, (-1,))]),
        )
        with self._speaking("uploading the model"):
            mlflow.set_experiment(experiment_id=self.experiment_id)
            return mlflow.sklearn.log_model(
                pipeline,
                name=MODEL,
                run_id=self.run_id,
                serialization_format="skops",
                skops_trusted_types=sorted(foreign),
                signature=signature,
                input_example=example,
                code_paths=[str(path) for path in self._code.paths],
                pip_requirements=locked(self._code.requirements, self._code.lock),
            )

    def files_sha256(self, model: ModelInfo, sha256: str) -> str:
        """The hash of an uploaded model's files.

        They are read back and checked against the trained model.

        Raises
        ------
        model_files.ModelUnusable
            if somebody has changed them since.
        """
        with self._speaking("reading the model back"):
            files = ModelFiles.fetch(model.model_uri)
        files.load(sha256, trusted=self._code.trusted)
        return files.sha256()

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is None:
            try:
                return self._client.create_experiment(name)
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
                found = self._client.get_experiment_by_name(name)
        if found.lifecycle_stage == "deleted":
            self._client.restore_experiment(found.experiment_id)
        return found.experiment_id

    def _speaking(self, what: str):
        return speaking(self.settings.mlflow_tracking_uri, what)


def locked(packages: tuple[str, ...], lock: Path) -> list[str]:
    """`name==version` of these packages, as the lock pins them.

    Raises
    ------
    KeyError
        with the name of a package that the lock lacks.
    """
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text(), flags=re.MULTILINE))
    return [f"{name}=={pins[name]}" for name in packages]
