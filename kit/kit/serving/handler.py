"""What a trainer does for its loaded model: read requests, predict, and tell what a row is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from pydantic import BaseModel

from kit.drift.reference import Reference
from kit.serving.probabilities import Observe, Probabilities

# Counts rows by one of the names of `Quality`.
Count = Callable[[str, int], None]


class Parser(Protocol):
    """Reads the rows of JSON bodies. Each method raises RequestError, which names the wrong place."""

    @property
    def most_bytes(self) -> int:
        """The largest length of a body with one row."""

    def one(self, body: bytes | bytearray) -> np.ndarray:
        """The row of a body of /predict or /explain, (1, n_values) float32."""

    def many(self, body: bytes | bytearray, rows: int) -> Iterator[np.ndarray]:
        """The rows of a body of /batch_predict, as arrays of up to (rows, n_values) float32.

        Large bodies are read in a thread, step by step. Each step checks its own rows.
        """


class FileRows(Protocol):
    """The rows of an uploaded file, all of them checked."""

    def chunks(self) -> Iterator[tuple[Sequence[str], np.ndarray]]:
        """The rows in order, in pieces for one call of the model each: (n, n_values) float32.

        Each row has a text for the answer's CSV: the values of the reader's `columns`, joined by commas.
        """


class FileReader(Protocol):
    """Reads files of rows that clients upload to /batch_predict. The answer is CSV.

    Attributes
    ----------
    format : the files' format in messages and in OpenAPI, such as SEG-Y.
    form : the name in OpenAPI of the form that has the file.
    name : the uploaded file's name in its folder.
    columns : the answer's first columns, which tell the rows apart.
    """

    format: str
    form: str
    name: str
    columns: tuple[str, ...]

    def open(self, folder: Path) -> FileRows:
        """Check the whole file, before the first line of the answer; in a thread. Raises RequestError."""


@dataclass(frozen=True)
class Request:
    """The JSON of requests, for OpenAPI and /sample.

    Parameters
    ----------
    field : the field of /predict, which is also the word for a row.
    fields : the field of /batch_predict, a list of rows.
    schema : a row's JSON schema.
    sample_type : a row's type in Python, as pydantic reads it.
    sample : says what /sample gives.
    """

    field: str
    fields: str
    schema: dict[str, Any]
    sample_type: Any
    sample: str


@dataclass(frozen=True)
class Quality:
    """Counts of rows that are wrong, or strange.

    Parameters
    ----------
    names : the kinds, also those of a RequestError's `quality`.
    description : of the metric.
    look : makes what counts by the features of each call, from the count and the reference, if there is one.
    """

    names: tuple[str, ...]
    description: str
    look: Callable[[Count, Reference | None], Observe] | None = None


class Handler(Protocol):
    """All that serving asks of a trainer about one loaded model.

    Attributes
    ----------
    title, description : of the service, in OpenAPI.
    probabilities : predicts, also values; `kit.serving.probabilities.stepwise`, or a faster form.
    n_values : the numbers of a row.
    feature_names : of the features that `probabilities` has its observer look at; the reference has the same.
        /explain needs them to be what the pipeline's first steps make.
    parser, request : how JSON requests are read and described.
    files : reads uploaded files; None without uploads.
    facts : what /model_info tells of this trainer's models only.
    quality : counts of wrong rows; None without them.
    """

    title: str
    description: str
    probabilities: Probabilities
    n_values: int
    feature_names: tuple[str, ...]
    parser: Parser
    request: Request
    files: FileReader | None
    facts: BaseModel
    quality: Quality | None

    def as_json(self, row: np.ndarray) -> Any:
        """A row (n_values,) as the value of the request's field."""
