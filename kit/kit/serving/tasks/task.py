"""The interface of a task, which has everything that serving does by the kind of a model."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

# The field that says which kind of output an explanation is about.
OUTPUT = "output"
# Counts a call of the model by its predictions (n, n_outputs).
Counting = Callable[[np.ndarray], None]


class Task(Protocol):
    """Turns predictions (n, n_outputs) float64 into answers. All of them are finite.

    Attributes
    ----------
    kind : as /model_info tells it: `kit.registry.kind.CLASSIFICATION` or `REGRESSION`.
    verb, told : what a request does and what its answer has, for OpenAPI: "Classify", "The classes".
    columns : the columns of a prediction in CSV.
    estimator : the field of /model_info that names the class of the last step.
    facts : what /model_info tells of the outputs.
    schema : the JSON schemas of a prediction's fields, by name.
    explained_schema : the JSON schemas of the fields that say which output is explained, by name.
    """

    kind: str
    verb: str
    told: str
    columns: tuple[str, ...]
    estimator: str
    facts: BaseModel
    schema: dict[str, Any]
    explained_schema: dict[str, Any]

    def answer(self, outputs: list[float]) -> dict[str, Any]:
        """One prediction (n_outputs) as the fields of its JSON. Raises ValueError for another length."""

    def explained(self, outputs: list[float]) -> tuple[int, dict[str, Any]]:
        """The place of the output (of n_outputs) that an explanation is about, and the fields that say so."""

    def lines(self, places: Sequence[str], predictions: np.ndarray) -> Iterator[str]:
        """Lines of CSV without line ends: the text of each place, and the prediction's columns."""

    def problem(self, predictions: np.ndarray) -> str | None:
        """What is wrong with any predictions, as a verb and its object; None if nothing is."""

    def counting(self, version: str, registry: CollectorRegistry) -> Counting:
        """Register the metrics of predictions, and get the function that counts a call of the model."""
