"""What a fitted pipeline predicts with. A trainer may have a faster form of the same.

A classifier's predictions are the probabilities of its classes, a regressor's are one value a row.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from sklearn.pipeline import Pipeline

from kit.registry.kind import predictor_of

# Gets features (n, n_features) float64 before the last step does. It must neither keep nor change them.
Observe = Callable[[np.ndarray], None]


class Probabilities(Protocol):
    """Turns (n, n_values) float32 into predictions (n, n_outputs) float64.

    An observer may look at the features.
    """

    def __call__(self, rows: np.ndarray, observe: Observe | None = None) -> np.ndarray: ...


def stepwise(pipeline: Pipeline) -> Probabilities:
    """The same as Pipeline.predict_proba, or a regressor's predict, without its metadata routing per call.

    The first step makes the features that are observed.
    """
    *transformers, last = [step for _, step in pipeline.steps]
    predict = predictor_of(last)

    def probabilities(rows: np.ndarray, observe: Observe | None = None) -> np.ndarray:
        values = rows
        for number, transformer in enumerate(transformers):
            values = transformer.transform(values)
            if number == 0 and observe is not None:
                observe(values)
        return predict(values)

    return probabilities
