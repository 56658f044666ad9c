"""MLflow for one training run: the run, the fence, and the versions of the registered model."""

import contextlib
import json
import logging
import os
import re
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mlflow
import mlflow.sklearn
import requests
import urllib3
from mlflow.entities import Metric, Param, RunTag
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature

from tabular.contract import SUPERSEDED, Failure, progress
from tabular.learning import Trained
from tabular.model_files import ModelFiles, Unusable

LOCK = Path(__file__).parents[1] / "requirements.txt"
# The packages that a registered model needs when it is loaded, with the versions of the lock.
REQUIREMENTS = ("mlflow-skinny", "numpy", "pandas", "scikit-learn", "scipy", "skops")
NO_ANSWER = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, ConnectionError)
CHAMPION, CHALLENGER, MISSING = "champion", "challenger", "RESOURCE_DOES_NOT_EXIST"


def connect(address: str, retry_seconds: float) -> mlflow.MlflowClient:
    """A client that gives up after about `retry_seconds`: urllib3 waits for 2, 4, 8 and 16 times the factor.
    """
    retries, share = (5, 30) if retry_seconds >= 30 else (2, 2)
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = str(retries)
    os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"] = str(max(1, int(retry_seconds // share)))
    os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_JITTER"] = "0"
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = str(max(5, round(retry_seconds / 5)))
    warnings.filterwarnings("ignore", module="mlflow")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(address)
    return mlflow.MlflowClient()


def is_unreachable(error: BaseException | None) -> bool:
    """Whether an error comes from a server that does not answer, however deep inside MLflow."""
    while error is not None and not isinstance(error, NO_ANSWER):
        error = error.__cause__ or error.__context__
    return error is not None


@contextlib.contextmanager
def _allowed(code: str) -> Iterator[None]:
    try:
        yield
    except MlflowException as error:
        if error.error_code != code:
            raise


class Registry:
    """The run of one attempt, and the registered model that may get a version."""

    def __init__(self, client: mlflow.MlflowClient, experiment: str, model: str, token: str):
        self._client, self._model, self._token = client, model, token
        found = client.get_experiment_by_name(experiment)
        self.experiment_id = found.experiment_id if found else client.create_experiment(experiment)
        self.run_id = ""

    def start(self, name: str, tags: Mapping[str, str]) -> None:
        """Set the fence, end the runs that earlier attempts left, and begin a run."""
        self._client.set_experiment_tag(self.experiment_id, "run_token", self._token)
        for left in self._client.search_runs([self.experiment_id], "attributes.status = 'RUNNING'"):
            self._client.set_terminated(left.info.run_id, "KILLED")
        self.run_id = self._client.create_run(self.experiment_id, tags=dict(tags), run_name=name).info.run_id

    def end(self, status: str, description: str) -> None:
        """End the run, if it has begun, with the description for MLflow."""
        if self.run_id:
            self._client.set_tag(self.run_id, "mlflow.note.content", description)
            self._client.set_terminated(self.run_id, status)

    def champion(self) -> tuple[str, str, str] | None:
        """Number and hash of the version with the alias `champion`, and an empty hash of its files."""
        number = self._aliases().get(CHAMPION)
        if number is None:
            return None
        tags = self._client.get_model_version(self._model, str(number)).tags
        return str(number), tags.get("model_sha256", ""), ""

    def publish(
        self,
        trained: Trained,
        champions: Mapping[str, float],
        tags: Mapping[str, str],
        verdict: Mapping[str, str],
        expectations: Mapping[str, Any],
    ) -> tuple[ModelVersion, str, str, bool]:
        """Log the run, and register the model unless a version has its hash. The contract gives the order.

        Parameters
        ----------
        champions : the champion's figures.
        tags, verdict : tags of the run and the version. An empty one of the verdict is removed.

        Returns
        -------
        the version, the hash of its files, its alias, and whether it existed before.
        """
        progress("registering", 0, 2, "run and model")
        version, files_sha256 = self._reproduced(tags["model_sha256"])
        is_reproduced = version is not None
        said = {
            **verdict,
            "tuning_cut_short": str(trained.tuning["cutShort"]).lower(),
            "reproduced_version": str(version.version) if version else "",
        }
        self._log(trained, champions, {**tags, **{name: text for name, text in said.items() if text}})
        model = None if version else self._upload(trained, expectations)
        if model is not None:
            files_sha256 = hash_of(model.model_uri, tags["model_sha256"])
        if (token := self._client.get_experiment(self.experiment_id).tags.get("run_token")) != self._token:
            raise Failure(SUPERSEDED, f"RUN_TOKEN: this is {self._token}, and {token} has started since")
        if version is None:
            with _allowed("RESOURCE_ALREADY_EXISTS"):
                self._client.create_registered_model(self._model)
            version = self._client.create_model_version(
                self._model, model.model_uri, run_id=self.run_id, tags=dict(tags), model_id=model.model_id
            )
        progress("registering", 1, 2, f"version {version.version}")
        for name, text in verdict.items():
            if text:
                self._client.set_model_version_tag(self._model, version.version, name, text)
            elif name in version.tags:
                self._client.delete_model_version_tag(self._model, version.version, name)
        if str(self._aliases().get(CHAMPION)) == str(version.version):
            return version, files_sha256, CHAMPION, is_reproduced
        self._client.set_registered_model_alias(self._model, CHALLENGER, version.version)
        return version, files_sha256, CHALLENGER, is_reproduced

    def _log(self, trained: Trained, more: Mapping[str, float], tags: Mapping[str, str]) -> None:
        now = int(time.time() * 1000)
        self._client.log_batch(
            self.run_id,
            [Metric(name, value, now, 0) for name, value in (flat(trained.metrics) | dict(more)).items()],
            [Param(name, str(value)) for name, value in trained.parameters.items()],
            [RunTag(name, value) for name, value in tags.items()],
        )

    def _upload(self, trained: Trained, expectations: Mapping[str, Any]) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "expectations.json")
            path.write_text(json.dumps(expectations, allow_nan=False))
            self._client.log_artifact(self.run_id, str(path))
        pins = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK.read_text(), flags=re.MULTILINE))
        return mlflow.sklearn.log_model(
            trained.pipeline,
            name="model",
            run_id=self.run_id,
            serialization_format="skops",
            signature=infer_signature(trained.rows, trained.labels),
            input_example=trained.rows.head(1),
            pip_requirements=[f"{name}=={pins[name]}" for name in REQUIREMENTS],
        )

    def _reproduced(self, sha256: str) -> tuple[ModelVersion | None, str]:
        """A version of this hash with its run and files: the champion first, then the newest."""
        champion = str(self._aliases().get(CHAMPION))
        query = f"name = '{self._model}' and tags.model_sha256 = '{sha256}'"
        found = self._client.search_model_versions(query)
        found = sorted(found, key=lambda it: (str(it.version) == champion, int(it.version)), reverse=True)
        # The tag means that the version's files were deleted, or are about to be deleted.
        for version in (it for it in found if "artifacts_pruned" not in it.tags):
            with _allowed(MISSING), contextlib.suppress(Unusable):
                if self._client.get_run(version.run_id).info.lifecycle_stage == "active":
                    return version, hash_of(f"models:/{version.name}/{version.version}", sha256)
        return None, ""

    def _aliases(self) -> Mapping[str, str]:
        with _allowed(MISSING):
            return self._client.get_registered_model(self._model).aliases
        return {}


def hash_of(address: str, sha256: str) -> str:
    """The hash of a model's files, after a check that they hold the model of this hash. Raises Unusable."""
    files = ModelFiles.fetch(address)
    files.load(sha256)
    return files.sha256()


def flat(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """A result's metrics with MLflow's names: `macro_f1`, `recall_<class>`."""
    snake = {re.sub("[A-Z]", lambda it: f"_{it[0].lower()}", name): value for name, value in metrics.items()}
    for label, each in snake.pop("per_class").items():
        snake |= {f"{measure}_{label}": value for measure, value in each.items()}
    return {prefix + name: value for name, value in snake.items()}
