"""Watches the classified traces: their quality at each call, and their drift at intervals, in a thread."""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from kit.drift.window import FeatureWindow
from seismic.drift.metrics import DriftMetrics
from seismic.drift.reference import Reference
from seismic.learning.handcrafted import HANDCRAFTED

log = logging.getLogger("seismic.serving")

# With fewer traces, chance alone moves features. The reference has no smaller windows of neighbours.
LEAST_TRACES = 128
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


class DriftWatch:
    """Compares the window of the classified traces with the reference, every `period` seconds."""

    def __init__(
        self,
        reference: Reference,
        metrics: DriftMetrics,
        period: float,
        window: FeatureWindow | None = None,
    ) -> None:
        self.window = window or FeatureWindow(len(reference.sketches))
        self._reference = reference
        self._metrics = metrics
        self._period = period
        self._seen = (0, 0)
        self._failing = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drift", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, after its present comparison."""
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Compare once, if anything has changed. Failures are counted, and the first one is logged."""
        try:
            self._compare()
            self._failing = False
        except Exception:
            self._metrics.failed()
            if not self._failing:
                log.exception("the comparison with the training data failed; serving goes on without it")
            self._failing = True

    def _run(self) -> None:
        while not self._stop.wait(self._period):
            self.look()

    def _compare(self) -> None:
        added, rows = self.window.added, self.window.take()
        if (added, len(rows)) == self._seen:
            return
        self._metrics.window(len(rows))
        if len(rows) < LEAST_TRACES:
            self._metrics.forget()
        else:
            began = time.perf_counter()
            drift = self._reference.compare(rows, _let_others_run)
            self._metrics.compared(self._reference.sketches, drift, time.perf_counter() - began)
        self._seen = (added, len(rows))


class Observer:
    """Gets the features of each call of the model. No prediction fails because of it.

    Parameters
    ----------
    looks : called with the features (n, n_features). They must neither keep nor change these.
    failed : called when one of them raises. The first error is logged.
    """

    def __init__(self, looks: Sequence[Callable[[np.ndarray], None]], failed: Callable[[], None]) -> None:
        self._looks = tuple(looks)
        self._failed = failed
        self._logged = False

    def __call__(self, features: np.ndarray) -> None:
        """Pass the features on."""
        try:
            for look in self._looks:
                look(features)
        except Exception:
            self._failed()
            if not self._logged:
                log.exception("what was classified is not observed; serving goes on")
            self._logged = True


def _let_others_run() -> None:
    # Release the interpreter's lock. Otherwise a request could wait for 5 ms, its switching interval.
    time.sleep(0)
