"""Prometheus's metrics at /metrics. A replica is one process, so its numbers are simply in memory."""

from collections.abc import Callable
from datetime import datetime

import numpy as np
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Info,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from kit.drift.metrics import DriftMetrics
from kit.serving.model import ServedModel
from kit.serving.settings import Settings
from kit.serving.tallies import Distributions

# Seconds, from one row on an idle core to a long batch.
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# A run's names of its figures on the held-out rows, by the names here.
FIGURES = {
    "accuracy": "accuracy",
    "f1_weighted": "weighted_f1",
    "f1_macro": "macro_f1",
    "rmse": "rmse",
    "mae": "mae",
    "mape": "mape",
    "r2": "r2",
}
CALL_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The service's metrics, in their own registry."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, model: ServedModel, settings: Settings, in_flight: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._count = model.task.counting(model.version, self.registry)
        self.latency = Distributions(
            "model_prediction_latency_seconds",
            "From a request's headers to its answer.",
            LATENCY_BUCKETS,
            self.registry,
            "endpoint",
            ("/predict", "/batch_predict", "/explain"),
        ).of
        self._rows = Distributions(
            "model_call_rows",
            "Rows that shared one call of the model.",
            CALL_BUCKETS,
            self.registry,
        ).of[""]
        self.errors = Counter(
            "model_request_errors", "Requests answered with an error.", ("kind",), registry=self.registry
        )
        Gauge("model_requests_in_flight", "Requests being answered.", registry=self.registry).set_function(
            in_flight
        )
        Info("model", "The model version being served.", registry=self.registry).info(
            {
                "name": model.name,
                "version": model.version,
                "sha256": model.sha256,
                "environment": settings.environment,
                "release": settings.release_ref,
                "commit": settings.git_commit,
            }
        )
        self._qualities: dict[str, Counter] = {}
        if (quality := model.handler.quality) is not None:
            rows = Counter("model_input_rows", quality.description, ("quality",), registry=self.registry)
            self._qualities = {name: rows.labels(name) for name in quality.names}
        self.drift = DriftMetrics(self.registry, model.reference is not None) if settings.drift else None
        self._tell_of_training(model)

    def predicted(self, predictions: np.ndarray) -> None:
        """Count one call of the model by its (n, n_outputs) predictions."""
        self._count(predictions)
        self._rows.observe(len(predictions))

    def count_quality(self, quality: str, rows: int) -> None:
        """Count rows that are wrong or strange. `quality` is one of the names of the handler's `quality`."""
        self._qualities[quality].inc(rows)

    def observing_failed(self) -> None:
        """Count a call of the model that could not be observed."""
        if self.drift is not None:
            self.drift.failed()

    def _tell_of_training(self, model: ServedModel) -> None:
        """The registry's facts. An unknown figure is left out, because 0 would mean a bad model."""
        for name, figure in FIGURES.items():
            if (value := model.details.get("metrics", {}).get(figure)) is not None:
                Gauge(
                    f"model_{name}",
                    f"The run's {figure} on held-out rows.",
                    registry=self.registry,
                ).set(value)
        if trained_at := model.details.get("trained_at"):
            Gauge("model_trained_timestamp_seconds", "When its run ended.", registry=self.registry).set(
                datetime.fromisoformat(trained_at).timestamp()
            )

    def render(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self.registry)
