"""The outcome of a fit, before it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from kit.drift.reference import Reference
from kit.judging.gate import figures_of
from kit.learning.splits import Split
from kit.learning.tuning import Tuned
from kit.training.task import Scores


@dataclass(frozen=True)
class Trained:
    """A fitted pipeline (raw rows to targets), and the facts about it before it is registered.

    `reference` has the figures of the training rows, or None if there are none. `own` has figures that only a
    candidate has, by the names that the gate knows, and `further` those that the trainer adds. `claimed` is
    the figure that a random split would claim, by its name, if rows depend on their neighbours. Held-out rows
    have `targets` (n,) and `predictions` (n, n_outputs), whose columns are in the order of `classes`. The
    first `feature_steps` of the pipeline make the features with the names `feature_names`.
    """

    pipeline: Pipeline
    sha256: str
    split: Split
    tuned: Tuned
    reference: Reference | None
    scores: Scores
    claimed: Mapping[str, float]
    own: Mapping[str, float]
    targets: np.ndarray
    predictions: np.ndarray
    classes: tuple[str, ...]
    feature_steps: int
    feature_names: tuple[str, ...]
    further: Mapping[str, float] = field(default_factory=dict)

    def figures(self) -> dict[str, float]:
        """All figures, by the names that the gate knows."""
        return {**figures_of(self.scores.as_result()), **self.own, **self.further}

    def as_result(self, data: Any) -> dict[str, Any]:
        """The part of the result line about the training, registered or not."""
        return {
            "sha256": self.sha256,
            "metrics": {**self.scores.as_result(), **self.claimed, **self.further},
            "dataSha256": data.sha256,
            "tuning": {
                "trials": len(self.tuned.history),
                "requested": self.tuned.requested,
                "cutShort": self.tuned.cut_short,
            },
        }
