"""Counts traces of poor quality by the features that a prediction has anyway."""

import math
from collections.abc import Callable

import numpy as np

from seismic.learning.handcrafted import HANDCRAFTED

# A trace is out of range beyond this multiple of the largest training amplitude.
AMPLITUDE_FACTOR = 10
LOW, HIGH = HANDCRAFTED.index("minimum"), HANDCRAFTED.index("maximum")


class InputQuality:
    """Counts traces without signal, and traces that are much louder than any training trace.

    Parameters
    ----------
    count : called with "dead" or "out_of_range" and a number of traces.
    largest : the largest absolute amplitude of the training; None if it is unknown.
    """

    def __init__(self, count: Callable[[str, int], None], largest: float | None) -> None:
        self._count = count
        self._limit = math.inf if largest is None else largest * AMPLITUDE_FACTOR

    def look(self, features: np.ndarray) -> None:
        """Judge (n, n_features) by existing features, so no sample is read again."""
        if len(features) == 1:
            # Use Python's numbers: for one trace, numpy's calls would take longer than everything else.
            low, high = features.item(LOW), features.item(HIGH)
            if low == high:
                self._count("dead", 1)
            if high > self._limit or low < -self._limit:
                self._count("out_of_range", 1)
            return
        low, high = features[:, LOW], features[:, HIGH]
        if dead := np.count_nonzero(low == high):
            self._count("dead", dead)
        if high.max() > self._limit or low.min() < -self._limit:
            self._count("out_of_range", np.count_nonzero((high > self._limit) | (low < -self._limit)))
