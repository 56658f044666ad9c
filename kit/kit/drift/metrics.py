"""Prometheus's metrics of drift: the score, each feature's distance, and the comparison's own state."""

import math
import time
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary

from kit.drift.reference import Drift


class DriftMetrics:
    """The metrics of the comparison with the training data. Labels are the reference's feature names.

    `loaded` says whether there is a reference for the comparison.
    """

    def __init__(self, registry: CollectorRegistry, loaded: bool) -> None:
        Gauge(
            "model_drift_reference",
            "1 if there are figures of the training data to compare with, 0 if the version has none.",
            registry=registry,
        ).set(loaded)
        self._score = Gauge(
            "model_drift_score",
            "How far recent rows lie from the training data; more than 0.2 is drift. NaN: too few rows.",
            registry=registry,
        )
        self._score.set(math.nan)
        self._psi = Gauge(
            "model_feature_drift_psi",
            "Population stability index of recent rows against the training data.",
            ("feature",),
            registry=registry,
        )
        self._ks = Gauge(
            "model_feature_drift_ks",
            "Kolmogorov-Smirnov statistic of recent rows against the training data.",
            ("feature",),
            registry=registry,
        )
        self._window = Gauge("model_drift_window_rows", "Recent rows that are compared.", registry=registry)
        self._evaluated = Gauge(
            "model_drift_evaluated_timestamp_seconds",
            "When recent rows were compared last; 0: never.",
            registry=registry,
        )
        self._seconds = Summary(
            "model_drift_evaluation_seconds", "Time that comparisons took.", registry=registry
        )
        self._failures = Counter(
            "model_drift_failures", "Observations and comparisons that failed.", registry=registry
        )

    def window(self, rows: int) -> None:
        """Set the number of rows that can be compared."""
        self._window.set(rows)

    def compared(self, features: Iterable[str], drift: Drift, seconds: float) -> None:
        """Set the results of a comparison. `features` are in the order of its arrays."""
        for name, psi, ks in zip(features, drift.psi.tolist(), drift.ks.tolist(), strict=True):
            self._psi.labels(name).set(psi)
            self._ks.labels(name).set(ks)
        self._score.set(drift.score)
        self._evaluated.set(time.time())
        self._seconds.observe(seconds)

    def forget(self) -> None:
        """Remove the results, because they are of rows that are gone.

        There are too few rows for new ones.
        """
        self._score.set(math.nan)
        self._psi.clear()
        self._ks.clear()

    def failed(self) -> None:
        """Count an observation or a comparison that failed."""
        self._failures.inc()
