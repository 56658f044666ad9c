"""The features of the rows that were classified last, for the comparison with the training data."""

import threading
import time
from collections.abc import Callable

import numpy as np

CAPACITY = 2048
MOST_AGE_SECONDS = 300.0
# Rows that one call leaves. A large batch leaves a few, evenly spread, so that it does not fill the window.
MOST_ROWS = 64


class FeatureWindow:
    """A ring of rows (capacity, n_features) float64, with the arrival time of each.

    One thread adds, and another takes. Adding never waits.
    """

    def __init__(
        self, n_features: int, capacity: int = CAPACITY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rows = np.empty((capacity, n_features))
        self._times = np.full(capacity, -np.inf)
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0
        self.added = 0

    def add(self, features: np.ndarray) -> None:
        """Keep up to MOST_ROWS rows of (n, n_features). Keep none while the other thread copies."""
        count = len(features)
        if count > MOST_ROWS:
            features = features[:: -(-count // MOST_ROWS)]
            count = len(features)
        if not self._lock.acquire(False):
            return
        try:
            start = self._next
            stop = start + count
            if count == 1:  # numpy assigns to one place in half the time
                self._rows[start] = features
                self._times[start] = self._clock()
                self._next = stop if stop < self._capacity else 0
                self.added += 1
                return
            # At the ring's end, keep fewer rows and make no second copy: any rows will do.
            if stop >= self._capacity:
                stop = self._capacity
                self._next = 0
            else:
                self._next = stop
            self._rows[start:stop] = features[: stop - start]
            self._times[start:stop] = self._clock()
            self.added += stop - start
        finally:
            self._lock.release()

    def take(self) -> np.ndarray:
        """A copy of the rows that are not too old, (n, n_features), oldest first."""
        with self._lock:
            order = np.roll(np.arange(self._capacity), -self._next)
            fresh = order[self._times[order] >= self._clock() - MOST_AGE_SECONDS]
            return self._rows[fresh]
