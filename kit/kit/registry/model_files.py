"""The files that open a registered version: two files with fixed names. They are data and nothing else.

A person who may write to MLflow must not be able to run code here. So nothing in an artifact decides how it
is loaded: not its `MLmodel`, not its `code/`, not its list of trusted types.
"""

import hashlib
import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skops.io
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from sklearn.pipeline import Pipeline

from kit.registry.fingerprint import model_sha256
from kit.registry.kind import kind_of
from kit.registry.model_code import HARMLESS

log = logging.getLogger("registry")

# The names that MLflow's sklearn flavour gives.
MODEL, EXAMPLE = "model.skops", "input_example.json"
MIB = 1 << 20
# In bytes, far more than any training data needs. A model is in memory while it is loaded.
LARGEST = {MODEL: 1024 * MIB, EXAMPLE: 64 * MIB}
SHA256, FILES_SHA256 = "SHA256", "FILES_SHA256"
LARGEST_UNPACKED = 4096 * MIB
MOST_ENTRIES = 1_000_000


class ModelUnusable(Exception):
    """A version cannot be loaded. The message has the problem, without its subject."""


class OtherHash(ModelUnusable):
    """The files are not the registered ones.

    `of` names the differing hash: FILES_SHA256, or the model's SHA256.
    """

    def __init__(self, of: str, found: str, expected: str):
        what = "files of hash" if of == FILES_SHA256 else "hash"
        super().__init__(f"has {what} {found}, expected {expected}")
        self.of = of


@dataclass(frozen=True)
class ModelFiles:
    """The bytes of a version's files. `example` is None if the trainer stored none."""

    model: bytes
    example: bytes | None = None

    @classmethod
    def fetch(cls, address: str) -> "ModelFiles":
        """Download the files from the process's MLflow.

        Parameters
        ----------
        address : MLflow's address of a model, such as `models:/Classifier/3`.

        Raises
        ------
        ModelUnusable
            if the files do not exist, or are too large.
        MlflowException, OSError
            of MLflow's client, also those of a server that does not answer.
        """
        repository = get_artifact_repository(address)
        listed = repository.list_artifacts(None)
        sizes = {Path(file.path).name: file.file_size or 0 for file in listed if not file.is_dir}
        if MODEL not in sizes:
            raise ModelUnusable(f"lost its files: MLflow has no {MODEL} at {address}")
        wanted = [name for name in LARGEST if name in sizes]
        for each in wanted:
            _check_size(each, sizes[each])
        with tempfile.TemporaryDirectory(prefix="model-") as folder:
            for each in wanted:
                repository.download_artifacts(each, folder)
            return cls.read(Path(folder))

    @classmethod
    def read(cls, folder: Path) -> "ModelFiles":
        """Read the files from a folder.

        Raises
        ------
        ModelUnusable, OSError
        """
        example = folder / EXAMPLE
        return cls(_read(folder / MODEL), _read(example) if example.is_file() else None)

    def write(self, folder: Path) -> None:
        """Write the files into a folder."""
        for name, content in self._named():
            (folder / name).write_bytes(content)

    def sha256(self) -> str:
        """The hash of names and bytes: 64 hexadecimal digits. Another example gives another hash."""
        digest = hashlib.sha256()
        for name, content in self._named():
            digest.update(f"{name}:{len(content)}:".encode())
            digest.update(content)
        return digest.hexdigest()

    def load(self, sha256: str, files_sha256: str = "", trusted: frozenset[str] = HARMLESS) -> Pipeline:
        """Load the model, after a check that its bytes are the registered ones.

        Parameters
        ----------
        sha256 : hash of the learnt model (`kit.registry.fingerprint`).
        files_sha256 : the expected `sha256()`, which is checked before anything is opened; empty if unknown.
        trusted : the types that may be loaded, beyond those that skops knows as harmless.

        Raises
        ------
        ModelUnusable
        """
        if files_sha256 and (found := self.sha256()) != files_sha256:
            raise OtherHash(FILES_SHA256, found, files_sha256)
        pipeline = _load(self.model, trusted)
        if (found := model_sha256(pipeline)) != sha256:
            raise OtherHash(SHA256, found, sha256)
        return pipeline

    def sample(self, n_values: int) -> np.ndarray | None:
        """The first row of the example, float32 (n_values,). If it is no such row, None, and a warning."""
        if self.example is None:
            return None
        try:
            rows = np.asarray(json.loads(self.example), dtype=np.float32)
            if rows.ndim != 2 or rows.shape[1] != n_values or not np.isfinite(rows[0]).all():
                raise ValueError(f"got shape {rows.shape}; expected a row of {n_values} numbers")
        except (ValueError, TypeError, IndexError) as error:
            log.warning("the model has no example that could be shown: %s: %s", EXAMPLE, error)
            return None
        return rows[0]

    def _named(self) -> Iterator[tuple[str, bytes]]:
        yield MODEL, self.model
        if self.example is not None:
            yield EXAMPLE, self.example


def stored_bytes(pipeline: Pipeline) -> int:
    """The size of a pipeline's file in the registry."""
    return len(skops.io.dumps(pipeline))


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise ModelUnusable(f"lost its files: {path.name} is no file")
    _check_size(path.name, path.stat().st_size)
    return path.read_bytes()


def _check_size(name: str, size: int) -> None:
    if size > LARGEST[name]:
        raise ModelUnusable(f"has a {name} of {size} bytes; at most {LARGEST[name]} are read")


def _load(content: bytes, trusted: frozenset[str]) -> Pipeline:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
        # skops reads no more of an entry than the archive declares here.
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
            raise ModelUnusable(f"has more than {LARGEST_UNPACKED} bytes when it is unpacked")
        pipeline = skops.io.loads(content, trusted=sorted(trusted))
    except ModelUnusable:
        raise
    except Exception as error:
        raise ModelUnusable(f"does not load: {type(error).__name__}: {error}") from error
    try:
        kind_of(pipeline)
    except TypeError as error:
        raise ModelUnusable(str(error)) from error
    return pipeline
