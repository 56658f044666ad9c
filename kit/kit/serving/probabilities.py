"""What a fitted pipeline predicts with. A trainer may have a faster form of the same."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from sklearn.pipeline import Pipeline

# Gets features (n, n_features) float64 before the classifier does. It must neither keep nor change them.
Observe = Callable[[np.ndarray], None]


class Probabilities(Protocol):
    """Turns (n, n_values) float32 into (n, n_classes) float64. An observer may look at the features."""

    def __call__(self, rows: np.ndarray, observe: Observe | None = None) -> np.ndarray: ...


def stepwise(pipeline: Pipeline) -> Probabilities:
    """The same as Pipeline.predict_proba, without its metadata routing per call.

    The first step makes the features that are observed.
    """
    *transformers, classifier = [step for _, step in pipeline.steps]

    def probabilities(rows: np.ndarray, observe: Observe | None = None) -> np.ndarray:
        values = rows
        for number, transformer in enumerate(transformers):
            values = transformer.transform(values)
            if number == 0 and observe is not None:
                observe(values)
        return classifier.predict_proba(values)

    return probabilities
