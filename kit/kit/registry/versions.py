"""MLflow's registered model: its champion, its versions with their tags, and the newest one's alias."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models.model import ModelInfo

from kit.contract.protocol import EXPECTATIONS
from kit.registry.artifacts import download_artifact
from kit.registry.connection import is_missing, speaking
from kit.registry.model_files import ModelFiles, ModelUnusable
from kit.registry.names import CHALLENGER, CHAMPION, HASH_TAG, PRUNED_TAG
from kit.registry.settings import RegistrySettings

# In bytes. The file has some requests.
LARGEST_EXPECTATIONS = 64 << 20

log = logging.getLogger("registry")


@dataclass(frozen=True)
class Champion:
    """The version that a candidate is compared with. An unknown hash is empty."""

    version: str
    sha256: str
    files_sha256: str


class Versions:
    """The versions of the registered model that the settings name. `trusted` are types of its files.

    Every method raises `connection.Unreachable` if the server does not answer in time.
    """

    def __init__(self, client: MlflowClient, settings: RegistrySettings, trusted: frozenset[str]):
        self._client = client
        self._settings = settings
        self._trusted = trusted
        self._name = settings.model_name
        self._address = settings.mlflow_tracking_uri

    def champion(self) -> Champion | None:
        """The version that serves, as the deployment says. Without its word, the version with the alias."""
        settings = self._settings
        if settings.champion_version:
            return Champion(
                settings.champion_version, settings.champion_sha256, settings.champion_files_sha256
            )
        with self._speaking("looking for the champion"):
            number = self._aliases().get(CHAMPION)
            if number is None:
                return None
            version = self._client.get_model_version(self._name, str(number))
            return Champion(str(number), version.tags.get(HASH_TAG, ""), "")

    def run_id(self, version: str) -> str:
        """The run that made a version; empty if MLflow has no such version."""
        with self._speaking(f"looking for version {version}"):
            try:
                return self._client.get_model_version(self._name, version).run_id or ""
            except MlflowException as error:
                if is_missing(error):
                    return ""
                raise

    def download(self, version: str, folder: Path) -> None:
        """Download a version's files into a folder, and its expected answers if its run has them.

        Raises
        ------
        ModelUnusable, MlflowException, OSError
            if MLflow no longer has the files.
        """
        with self._speaking(f"fetching version {version}"):
            ModelFiles.fetch(self._address_of(version)).write(folder)
            run_id = self._client.get_model_version(self._name, version).run_id
            download_artifact(self._client, run_id, EXPECTATIONS, folder, LARGEST_EXPECTATIONS)

    def challenger(self) -> ModelVersion | None:
        """The version that was trained last, if it does not serve."""
        with self._speaking("looking for the challenger"):
            number = self._aliases().get(CHALLENGER)
            return None if number is None else self._client.get_model_version(self._name, str(number))

    def find_reproduced(self, sha256: str) -> tuple[ModelVersion, str] | None:
        """The registered version with this hash, with an existing run and files. The champion comes first.

        Returns
        -------
        the version, and the hash of its files, which hold a model of this hash.
        """
        with self._speaking("looking for a version with this hash"):
            champion = self._aliases().get(CHAMPION)
            found = self._client.search_model_versions(
                f"name = '{self._name}' and tags.{HASH_TAG} = '{sha256}'"
            )
            # Sort newest first, and then the champion to the front: sorting keeps the order of equals.
            found = sorted(found, key=lambda version: -int(version.version))
            found.sort(key=lambda version: str(version.version) != str(champion))
            for version in found:
                if files_sha256 := self._files_sha256(version, sha256):
                    return version, files_sha256
        return None

    def create(self, model: ModelInfo, run_id: str, tags: Mapping[str, str]) -> ModelVersion:
        """Create the version with its tags in one request, so it never exists without them."""
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
        """Set tags of a version. Empty ones are removed."""
        with self._speaking("tagging the model version"):
            for name, value in tags.items():
                if value:
                    self._client.set_model_version_tag(self._name, version.version, name, value)
                elif name in version.tags:
                    self._client.delete_model_version_tag(self._name, version.version, name)

    def describe(self, version: ModelVersion, markdown: str) -> None:
        """Set a version's description, which MLflow shows. Nothing depends on it."""
        with self._speaking("describing the model version"):
            self._client.update_model_version(self._name, version.version, markdown)

    def challenge(self, version: ModelVersion) -> str:
        """Give a version the alias `challenger`, unless it is the champion already.

        Returns
        -------
        the version's alias.
        """
        with self._speaking("setting the alias"):
            if str(self._aliases().get(CHAMPION)) == str(version.version):
                return CHAMPION
            self._client.set_registered_model_alias(self._name, CHALLENGER, version.version)
            return CHALLENGER

    def _aliases(self) -> Mapping[str, str]:
        """Version numbers by alias; empty if the model does not exist yet."""
        try:
            return self._client.get_registered_model(self._name).aliases
        except MlflowException as error:
            if is_missing(error):
                return {}
            raise

    def _files_sha256(self, version: ModelVersion, sha256: str) -> str | None:
        """The hash of the files, if the version can be served from them."""
        what = f"version {version.version} has this hash, yet"
        if PRUNED_TAG in version.tags:
            log.warning("%s its files were pruned", what)
            return None
        try:
            run = self._client.get_run(version.run_id)
            if version.status != "READY" or run.info.lifecycle_stage == "deleted":
                log.warning("%s its run is gone", what)
                return None
            files = ModelFiles.fetch(self._address_of(version.version))
            files.load(sha256, trusted=self._trusted)
            return files.sha256()
        except ModelUnusable as error:
            log.warning("%s %s", what, error)
        except MlflowException as error:
            if not is_missing(error):
                raise
            log.warning("%s its run or files are gone", what)
        return None

    def _address_of(self, version: str | int) -> str:
        return f"models:/{self._name}/{version}"

    def _speaking(self, what: str):
        return speaking(self._address, what)


def given(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags without the empty ones, which MLflow would show as blank lines."""
    return {name: value for name, value in tags.items() if value}
