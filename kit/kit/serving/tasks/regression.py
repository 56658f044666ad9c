"""Regressors: one value for each row."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

from kit.registry.kind import REGRESSION, VALUE, answer_of
from kit.serving.tallies import Sum, predictions_tally
from kit.serving.tasks.task import OUTPUT, Counting


class Outputs(BaseModel):
    """The kind of the model."""

    kind: str


class Regression:
    """The task of a regressor. Its predictions have one column."""

    kind = REGRESSION
    verb, told = "Predict the value of", "The values"
    estimator = "regressor"
    columns = (VALUE,)

    def __init__(self) -> None:
        self.facts = Outputs(kind=self.kind)
        self.schema: dict[str, Any] = {VALUE: {"type": "number"}}
        self.explained_schema: dict[str, Any] = {OUTPUT: {"type": "string", "const": VALUE}}

    def answer(self, outputs: list[float]) -> dict[str, Any]:
        """The value."""
        return answer_of((), outputs)

    def explained(self, outputs: list[float]) -> tuple[int, dict[str, Any]]:
        """The value."""
        return 0, {OUTPUT: VALUE}

    def lines(self, places: Sequence[str], predictions: np.ndarray) -> Iterator[str]:
        """Place and value, with all digits that tell it from other values."""
        rows = zip(places, predictions.tolist(), strict=True)
        return (f"{place},{value!r}" for place, [value] in rows)

    def problem(self, predictions: np.ndarray) -> str | None:
        """There is one column of finite numbers."""
        if predictions.shape[1:] != (1,):
            return f"predicts {predictions.tolist()}; expected one value a row"
        if not np.isfinite(predictions).all():
            return f"predicts values that are not finite: {predictions[:, 0].tolist()}"
        return None

    def counting(self, version: str, registry: CollectorRegistry) -> Counting:
        """Count the rows, under an empty class, and add up their values.

        The sum by the number is the mean, whose drift can be seen.
        """
        counts = predictions_tally(("",), version, registry)
        values = Sum("model_predicted_value", "Predicted values.", registry)

        def count(predictions: np.ndarray) -> None:
            counts[0] += len(predictions)
            values.add(len(predictions), float(predictions.sum()))

        return count
