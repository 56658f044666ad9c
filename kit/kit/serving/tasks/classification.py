"""Classifiers: the probability of each class, and the likeliest class."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

from kit.registry.kind import CLASS, CLASSIFICATION, PROBABILITIES, answer_of
from kit.serving.tallies import predictions_tally
from kit.serving.tasks.task import OUTPUT, Counting

# The output of an explanation.
PROBABILITY = "probability"


class Classes(BaseModel):
    """The kind of the model, and the classes that it tells apart."""

    kind: str
    classes: list[str]


class Classification:
    """The task of a classifier. Its predictions have a column for each of `classes`."""

    kind = CLASSIFICATION
    verb, told = "Classify", "The classes"
    estimator = "classifier"

    def __init__(self, classes: tuple[str, ...]) -> None:
        self._classes = classes
        self.columns = (CLASS, *(f"probability_{label}" for label in classes))
        self.facts = Classes(kind=self.kind, classes=list(classes))
        probability = {"type": "number", "minimum": 0, "maximum": 1}
        self.schema: dict[str, Any] = {
            CLASS: {"type": "string", "enum": list(classes)},
            PROBABILITIES: {
                "type": "object",
                "properties": dict.fromkeys(classes, probability),
                "required": list(classes),
                "additionalProperties": False,
            },
        }
        self.explained_schema: dict[str, Any] = {
            OUTPUT: {"type": "string", "const": PROBABILITY},
            CLASS: self.schema[CLASS],
        }

    def answer(self, outputs: list[float]) -> dict[str, Any]:
        """The likeliest class, and the probability of each class."""
        return answer_of(self._classes, outputs)

    def explained(self, outputs: list[float]) -> tuple[int, dict[str, Any]]:
        """The probability of the likeliest class."""
        label = self.answer(outputs)[CLASS]
        return self._classes.index(label), {OUTPUT: PROBABILITY, CLASS: label}

    def lines(self, places: Sequence[str], predictions: np.ndarray) -> Iterator[str]:
        """Place, class, and the probability of each class with six decimals."""
        line = "%s,%s" + ",%.6f" * len(self._classes)
        rows = zip(places, predictions.argmax(axis=1).tolist(), predictions.tolist(), strict=True)
        return (line % (place, self._classes[best], *row) for place, best, row in rows)

    def problem(self, predictions: np.ndarray) -> str | None:
        """Probabilities have a column for each class, and their sum is 1."""
        # NaN is close to nothing.
        if predictions.shape[1:] == (len(self._classes),) and np.allclose(predictions.sum(axis=1), 1):
            return None
        return f"predicts no probabilities for {self._classes}: {predictions.tolist()}"

    def counting(self, version: str, registry: CollectorRegistry) -> Counting:
        """Count the rows of each class."""
        counts = predictions_tally(self._classes, version, registry)

        def count(predictions: np.ndarray) -> None:
            if len(predictions) == 1:  # this takes a third of the time
                counts[int(predictions.argmax())] += 1
                return
            found = np.bincount(predictions.argmax(axis=1), minlength=len(counts))
            for place, rows in enumerate(found.tolist()):
                counts[place] += rows

        return count
