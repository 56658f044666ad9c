"""The files of a version. Their hash is checked before any of them is opened."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from stub.learning import Model
from stub.mlflow import Mlflow, Refused

MODEL, EXAMPLE = "model.json", "input_example.json"


class Unusable(Exception):
    """A version cannot be loaded; the message says why."""


@dataclass(frozen=True)
class ModelFiles:
    """The bytes of the files, by their names."""

    content: dict[str, bytes]

    @classmethod
    def fetch(cls, server: Mlflow, folder: str) -> "ModelFiles":
        """Download the files. Raises Unusable if they are gone."""
        try:
            return cls({name: server.download(folder, name) for name in (MODEL, EXAMPLE)})
        except Refused as error:
            raise Unusable(str(error)) from error

    @classmethod
    def of_version(cls, server: Mlflow, name: str, version: str) -> "ModelFiles":
        """The files of a registered version. Raises Unusable if MLflow no longer has it."""
        try:
            found = server.get("model-versions/get-download-uri", name=name, version=version)
        except Refused as error:
            raise Unusable(str(error)) from error
        return cls.fetch(server, found["artifact_uri"])

    def sha256(self) -> str:
        """The hash of names and bytes."""
        digest = hashlib.sha256()
        for name, content in sorted(self.content.items()):
            digest.update(f"{name}:{len(content)}:".encode() + content)
        return digest.hexdigest()

    def load(self, sha256: str, files_sha256: str = "") -> Model:
        """The model, if the hashes are right. The second hash may be unknown. Raises Unusable."""
        if files_sha256 and (found := self.sha256()) != files_sha256:
            raise Unusable(f"its files have hash {found}, expected {files_sha256}")
        try:
            model = Model.loads(self.content[MODEL])
        except (ValueError, TypeError, KeyError) as error:
            raise Unusable(f"it does not load: {error}") from error
        if (found := model.sha256()) != sha256:
            raise Unusable(f"it has hash {found}, expected {sha256}")
        return model

    def example(self) -> list[float]:
        """A held-out row."""
        return json.loads(self.content[EXAMPLE])["row"]


def of(model: Model, example: Any) -> ModelFiles:
    """The files of a model that will be uploaded."""
    return ModelFiles({MODEL: model.dumps(), EXAMPLE: json.dumps({"row": example}).encode()})
