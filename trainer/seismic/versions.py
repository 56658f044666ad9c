"""MLflow's registered model: its champion, its versions with their tags, and the alias of the newest."""

import logging
from collections.abc import Mapping
from pathlib import Path

import mlflow.artifacts
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models.model import ModelInfo

from seismic.connection import is_missing, speaking
from seismic.contract import Settings

CHAMPION = "champion"
CHALLENGER = "challenger"
HASH_TAG = "model_sha256"

log = logging.getLogger("registry")


class Versions:
    """The versions of the registered model that the settings name.

    Every method raises `connection.Unreachable` when the server does not answer in time.
    """

    def __init__(self, client: MlflowClient, settings: Settings):
        self._client = client
        self._name = settings.model_name
        self._address = settings.mlflow_tracking_uri

    def champion(self) -> ModelVersion | None:
        """The version that has the alias `champion`, if any has."""
        with self._speaking("looking for the champion"):
            number = self._aliases().get(CHAMPION)
            return None if number is None else self._client.get_model_version(self._name, str(number))

    def download(self, version: ModelVersion, folder: Path) -> Path:
        """Fetch the files of a version.

        Returns
        -------
        the folder that holds its `MLmodel`, within `folder`.

        Raises
        ------
        MlflowException, OSError
            when MLflow does not have them any more.
        """
        address = f"models:/{self._name}/{version.version}"
        with self._speaking(f"fetching version {version.version}"):
            return Path(mlflow.artifacts.download_artifacts(address, dst_path=str(folder)))

    def find_reproduced(self, sha256: str) -> ModelVersion | None:
        """The registered version with this hash whose run and files exist; the champion before others."""
        with self._speaking("looking for a version with this hash"):
            champion = self._aliases().get(CHAMPION)
            found = self._client.search_model_versions(
                f"name = '{self._name}' and tags.{HASH_TAG} = '{sha256}'"
            )
            # Newest first, then the champion to the front: sorting keeps the order of equals.
            found = sorted(found, key=lambda version: -int(version.version))
            found.sort(key=lambda version: str(version.version) != str(champion))
            for version in found:
                if self._is_whole(version):
                    return version
                log.warning("version %s has this hash, yet its run or files are gone", version.version)
        return None

    def create(self, model: ModelInfo, run_id: str, tags: Mapping[str, str]) -> ModelVersion:
        """Create the version with its tags in one request: it is never there without them."""
        with self._speaking("creating the model version"):
            try:
                self._client.create_registered_model(self._name)
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            return self._client.create_model_version(
                self._name, model.model_uri, run_id=run_id, tags=given(tags), model_id=model.model_id
            )

    def tag(self, version: ModelVersion, tags: Mapping[str, str]) -> None:
        """Set tags of a version; those that are empty are taken away."""
        with self._speaking("tagging the model version"):
            for name, value in tags.items():
                if value:
                    self._client.set_model_version_tag(self._name, version.version, name, value)
                elif name in version.tags:
                    self._client.delete_model_version_tag(self._name, version.version, name)

    def challenge(self, version: ModelVersion) -> str:
        """Give a version the alias `challenger`, unless it is the champion already.

        Returns
        -------
        the alias that it has.
        """
        with self._speaking("setting the alias"):
            if str(self._aliases().get(CHAMPION)) == str(version.version):
                return CHAMPION
            self._client.set_registered_model_alias(self._name, CHALLENGER, version.version)
            return CHALLENGER

    def _aliases(self) -> Mapping[str, str]:
        """Version numbers by alias; none if there is no such model yet."""
        try:
            return self._client.get_registered_model(self._name).aliases
        except MlflowException as error:
            if is_missing(error):
                return {}
            raise

    def _is_whole(self, version: ModelVersion) -> bool:
        try:
            if self._client.get_run(version.run_id).info.lifecycle_stage == "deleted":
                return False
            files = mlflow.artifacts.list_artifacts(artifact_uri=f"models:/{version.name}/{version.version}")
        except MlflowException as error:
            if is_missing(error):
                return False
            raise
        return version.status == "READY" and {"MLmodel", "model.skops"} <= {
            Path(file.path).name for file in files
        }

    def _speaking(self, what: str):
        return speaking(self._address, what)


def given(tags: Mapping[str, str]) -> dict[str, str]:
    """Without the empty ones, which MLflow would show as blank lines."""
    return {name: value for name, value in tags.items() if value}
