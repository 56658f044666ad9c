"""The files of a registered version: two files with fixed names. They are read as data, and never run.

mlflow.sklearn.load_model would import the model's own code, and trust the types that the model names.
"""

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import skops.io
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from sklearn.pipeline import Pipeline

from tabular.learning import model_sha256

MODEL, EXAMPLE = "model.skops", "input_example.json"
LARGEST = 64 << 20  # bytes of a file; the model of a wide table has some hundred thousand


class Unusable(Exception):
    """A version cannot be loaded; the message says why."""


@dataclass(frozen=True)
class ModelFiles:
    """The bytes of a version's files, by their names."""

    content: dict[str, bytes]

    @classmethod
    def fetch(cls, address: str) -> "ModelFiles":
        """Download the files of `models:/NAME/VERSION`. Raises Unusable, or the errors of MLflow's client."""
        repository = get_artifact_repository(address)
        listed = {Path(file.path).name: file for file in repository.list_artifacts(None) if not file.is_dir}
        content = {}
        with tempfile.TemporaryDirectory() as folder:
            for name in (MODEL, EXAMPLE):
                if name not in listed or (listed[name].file_size or 0) > LARGEST:
                    raise Unusable(f"{address}: {name} is gone, or larger than {LARGEST} bytes")
                content[name] = Path(repository.download_artifacts(name, folder)).read_bytes()
        return cls(content)

    def sha256(self) -> str:
        """The hash of names and bytes."""
        digest = hashlib.sha256()
        for name, content in self.content.items():
            digest.update(f"{name}:{len(content)}:".encode() + content)
        return digest.hexdigest()

    def load(self, sha256: str, files_sha256: str = "") -> Pipeline:
        """Check the files' hash, if it is known, and load the model. Raises Unusable."""
        if files_sha256 and (found := self.sha256()) != files_sha256:
            raise Unusable(f"its files have hash {found}, expected {files_sha256}")
        try:
            pipeline = skops.io.loads(self.content[MODEL], trusted=[])
            found = model_sha256(pipeline)
        except Exception as error:
            raise Unusable(f"it does not load: {type(error).__name__}: {error}") from error
        if found != sha256:
            raise Unusable(f"it has hash {found}, expected {sha256}")
        return pipeline

    def example(self) -> dict[str, Any]:
        """The row that training stored, by column."""
        kept = json.loads(self.content[EXAMPLE])
        return dict(zip(kept["columns"], kept["data"][0], strict=True))
