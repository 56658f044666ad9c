"""What Prometheus reads from /metrics. A replica is one process, so its numbers are simply in memory."""

from collections.abc import Callable

import numpy as np
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from .model import ServedModel
from .settings import Settings

# Seconds. From one trace on an idle core to a long batch.
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CALL_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The service's metrics, in a registry of their own."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, model: ServedModel, settings: Settings, in_flight: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        predictions = Counter(
            "seismic_predictions", "Classified traces.", ("class", "version"), registry=self.registry
        )
        # Children are made now: a class that was never predicted is a 0 on the graph, not a gap.
        self._by_class = [predictions.labels(label, model.version) for label in model.classes]
        latency = Histogram(
            "seismic_prediction_latency_seconds",
            "From a request's headers to its answer.",
            ("endpoint",),
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.latency = {path: latency.labels(path) for path in ("/predict", "/batch_predict")}
        self._rows = Histogram(
            "seismic_model_call_traces",
            "Traces that shared one call of the model.",
            buckets=CALL_BUCKETS,
            registry=self.registry,
        )
        self.errors = Counter(
            "seismic_request_errors", "Requests answered with an error.", ("kind",), registry=self.registry
        )
        Gauge("seismic_requests_in_flight", "Requests being answered.", registry=self.registry).set_function(
            in_flight
        )
        Info("seismic_model", "The model version being served.", registry=self.registry).info(
            {
                "name": model.name,
                "version": model.version,
                "sha256": model.sha256,
                "environment": settings.environment,
                "release": settings.release_ref,
                "commit": settings.git_commit,
            }
        )

    def predicted(self, probabilities: np.ndarray) -> None:
        """Count one call of the model by its (n, n_classes) probabilities."""
        counts = np.bincount(probabilities.argmax(axis=1), minlength=len(self._by_class))
        for counter, count in zip(self._by_class, counts.tolist(), strict=True):
            if count:
                counter.inc(count)
        self._rows.observe(len(probabilities))

    def render(self) -> bytes:
        """The text Prometheus reads."""
        return generate_latest(self.registry)
