"""MLflow for one training run: the run, the fence, and the versions of the registered model."""

import contextlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from stub.contract import SUPERSEDED, Failure, progress
from stub.learning import Trained
from stub.mlflow import EXISTS, MISSING, Mlflow, Refused
from stub.model_files import ModelFiles, Unusable, of

CHAMPION, CHALLENGER = "champion", "challenger"


@contextlib.contextmanager
def _allowed(code: str) -> Iterator[None]:
    try:
        yield
    except Refused as error:
        if error.code != code:
            raise


class Registry:
    """The run of one attempt, and the registered model that may get a version."""

    def __init__(self, server: Mlflow, experiment: str, model: str, token: str):
        self.server, self._model, self._token = server, model, token
        self.run_id = self._artifacts = ""
        with _allowed(EXISTS):
            server.post("experiments/create", name=experiment)
        found = server.get("experiments/get-by-name", experiment_name=experiment)
        self.experiment_id: str = found["experiment"]["experiment_id"]

    def start(self, name: str, tags: Mapping[str, str]) -> None:
        """Set the fence, end the runs that earlier attempts left, and begin a run."""
        ask, ids = self.server.post, [self.experiment_id]
        ask("experiments/set-experiment-tag", experiment_id=ids[0], key="run_token", value=self._token)
        left = ask("runs/search", experiment_ids=ids, filter="attributes.status = 'RUNNING'")
        for run in left.get("runs", []):
            self._end(run["info"]["run_id"], "KILLED")
        made = ask(
            "runs/create", experiment_id=ids[0], run_name=name, start_time=_now(), tags=_pairs(tags)
        )  # fmt: skip
        self.run_id, self._artifacts = made["run"]["info"]["run_id"], made["run"]["info"]["artifact_uri"]

    def end(self, status: str, description: str) -> None:
        """End the run, if it has begun, with the description for MLflow."""
        if self.run_id:
            note = {"key": "mlflow.note.content", "value": description[:8000]}
            self.server.post("runs/set-tag", run_id=self.run_id, **note)
            self._end(self.run_id, status)

    def champion(self) -> tuple[str, str, str] | None:
        """Number and hash of the version with the alias, and an empty hash of its files."""
        number = self._aliases().get(CHAMPION)
        return number and (number, _tags(self._version(number)).get("model_sha256", ""), "")

    def publish(
        self,
        trained: Trained,
        figures: Mapping[str, float],
        tags: Mapping[str, str],
        verdict: Mapping[str, str],
        expectations: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Log the run, and register the model unless a version has its hash. The contract gives the order.

        Parameters
        ----------
        figures : the champion's figures.
        tags, verdict : tags of the run and the version. An empty one of the verdict is removed.

        Returns
        -------
        the part of the result line about the version.
        """
        progress("registering", 0, 2, "run and model")
        version, files_sha256 = self._reproduced(tags["model_sha256"])
        is_reproduced = version is not None
        said = {
            **verdict,
            "tuning_cut_short": str(trained.tuning["cutShort"]).lower(),
            "reproduced_version": version["version"] if version else "",
        }
        self._log(flat(trained.metrics) | dict(figures), trained.parameters, {**tags, **said})
        self.server.upload(self._artifacts, "report.json", json.dumps(trained.metrics, indent=2).encode())
        if version is None:
            self.server.upload(self._artifacts, "expectations.json", json.dumps(expectations).encode())
            model_id, files_sha256 = self._upload(trained, tags["model_sha256"])
            self._fence()
            version = self._create(model_id, tags)
        else:
            self._fence()
        number = version["version"]
        progress("registering", 1, 2, f"version {number}")
        known = {"name": self._model, "version": number}
        for key, value in verdict.items():
            if value:
                self.server.post("model-versions/set-tag", **known, key=key, value=value)
            elif key in _tags(version):
                self.server.post("model-versions/delete-tag", method="DELETE", **known, key=key)
        alias = CHAMPION if self._aliases().get(CHAMPION) == number else CHALLENGER
        if alias == CHALLENGER:
            self.server.post("registered-models/alias", **known, alias=alias)
        progress("registering", 2, 2, alias)
        return {
            "version": number, "runId": version["run_id"], "attemptRunId": self.run_id, "alias": alias,
            "experimentId": self.experiment_id, "filesSha256": files_sha256, "reproduced": is_reproduced,
            "createdAt": int(version["creation_timestamp"]),
        }  # fmt: skip

    def _log(self, metrics: Mapping[str, float], parameters: Mapping, tags: Mapping[str, str]) -> None:
        step = {"timestamp": _now(), "step": 0}
        self.server.post(
            "runs/log-batch",
            run_id=self.run_id,
            metrics=[{"key": key, "value": value, **step} for key, value in metrics.items()],
            params=_pairs({key: str(value) for key, value in parameters.items()}),
            tags=_pairs(tags),
        )

    def _upload(self, trained: Trained, sha256: str) -> tuple[str, str]:
        """Upload the model as one of the run's. Returns its id, and the hash of its files, which are read
        back.
        """
        ask = self.server.post
        made = ask("logged-models", experiment_id=self.experiment_id, source_run_id=self.run_id, name="model")
        info = made["model"]["info"]
        for name, content in of(trained.model, trained.held_out[0][1]).content.items():
            self.server.upload(info["artifact_uri"], name, content)
        files = ModelFiles.fetch(self.server, info["artifact_uri"])
        files.load(sha256)
        model_id = info["model_id"]
        ask(f"logged-models/{model_id}", method="PATCH", model_id=model_id, status="LOGGED_MODEL_READY")
        ask("runs/outputs", run_id=self.run_id, models=[{"model_id": model_id, "step": 0}])
        return model_id, files.sha256()

    def _create(self, model_id: str, tags: Mapping[str, str]) -> dict[str, Any]:
        with _allowed(EXISTS):
            self.server.post("registered-models/create", name=self._model)
        made = self.server.post(
            "model-versions/create",
            name=self._model, source=f"models:/{model_id}", run_id=self.run_id, model_id=model_id,
            tags=_pairs(tags),
        )  # fmt: skip
        return made["model_version"]

    def _fence(self) -> None:
        """Raise Failure if a later attempt has started."""
        found = self.server.get("experiments/get", experiment_id=self.experiment_id)["experiment"]
        if (token := _tags(found).get("run_token")) != self._token:
            raise Failure(SUPERSEDED, f"RUN_TOKEN: this is {self._token}, and {token} has started since")

    def _reproduced(self, sha256: str) -> tuple[dict[str, Any] | None, str]:
        """A version of this hash with its run and files: the champion first, then the newest."""
        query = f"name = '{self._model}' and tags.model_sha256 = '{sha256}'"
        found = self.server.get("model-versions/search", filter=query).get("model_versions", [])
        champion = self._aliases().get(CHAMPION)
        found.sort(key=lambda it: (it["version"] == champion, int(it["version"])), reverse=True)
        # The tag means that the version's files were deleted, or are about to be deleted.
        for version in (it for it in found if "artifacts_pruned" not in _tags(it)):
            with _allowed(MISSING), contextlib.suppress(Unusable):
                run = self.server.get("runs/get", run_id=version["run_id"])["run"]
                files = ModelFiles.of_version(self.server, self._model, version["version"])
                files.load(sha256)
                if run["info"]["lifecycle_stage"] == "active":
                    return version, files.sha256()
        return None, ""

    def _version(self, number: str) -> dict[str, Any]:
        return self.server.get("model-versions/get", name=self._model, version=number)["model_version"]

    def _aliases(self) -> dict[str, str]:
        with _allowed(MISSING):
            model = self.server.get("registered-models/get", name=self._model)["registered_model"]
            return {each["alias"]: each["version"] for each in model.get("aliases", [])}
        return {}

    def _end(self, run_id: str, status: str) -> None:
        self.server.post("runs/update", run_id=run_id, status=status, end_time=_now())


def flat(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """A result's metrics with MLflow's names: `macro_f1`, `recall_<class>`."""
    snake = {re.sub("[A-Z]", lambda it: f"_{it[0].lower()}", name): value for name, value in metrics.items()}
    for label, each in snake.pop("per_class").items():
        snake |= {f"{measure}_{label}": value for measure, value in each.items()}
    return {prefix + name: value for name, value in snake.items()}


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Keys and values in MLflow's form. Empty values are left out, because they would be blank
    lines there.
    """
    return [{"key": key, "value": value} for key, value in values.items() if value]


def _tags(thing: Mapping[str, Any]) -> dict[str, str]:
    return {each["key"]: each["value"] for each in thing.get("tags", [])}


def _now() -> int:
    return int(time.time() * 1000)
