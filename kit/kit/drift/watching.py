"""Watches the features of the predicted rows: at each call, and for drift at intervals, in a thread."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from kit.drift.metrics import DriftMetrics
from kit.drift.reference import Reference
from kit.drift.window import FeatureWindow

log = logging.getLogger("serving")

# With fewer rows, chance alone moves features. The reference has no smaller windows of neighbours.
LEAST_ROWS = 128


class DriftWatch:
    """Compares the window of the predicted rows with the reference, every `period` seconds."""

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
        if len(rows) < LEAST_ROWS:
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
