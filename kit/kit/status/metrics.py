"""Prometheus's metrics of this service, from which alerts are made."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from kit.judging.gate import PASSED, REFUSED, STATE_TAG, WARNED
from kit.status.registry import Registry, Snapshot, has_last_run_failed, last_ended
from kit.status.replicas import Replicas
from kit.status.sources import Source

# While MLflow is away, its last values stay for this long, and are then absent. A stale value would keep an
# alert silent. A value that is absent after one missed question would end an alert.
KEPT_SECONDS = 60.0


class Metrics(Collector):
    """The metrics, which are computed when they are asked for.

    `mlflow` and the other sources are given later.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, training_timeout: float) -> None:
        self._training_timeout = training_timeout
        self._prometheus = CollectorRegistry()
        ProcessCollector(registry=self._prometheus)
        self.failures = Counter(
            "status_source_failures",
            "Questions that a source of the status page did not answer.",
            ("source",),
            registry=self._prometheus,
        )

    def watch(self, mlflow: Source, registry: Registry, replicas: Replicas) -> None:
        """Set the sources of the values."""
        self._mlflow, self._registry, self._replicas = mlflow, registry, replicas
        self._prometheus.register(self)

    def render(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self._prometheus)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing. Otherwise the registry would collect once to learn the names."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The known values."""
        if self._mlflow.up is not None:
            yield _gauge("mlflow_up", "Whether MLflow answers.", self._mlflow.up)
        if self._replicas.asked:
            answering = len(self._replicas.answering())
            yield _gauge("serving_replicas_answering", "Serving replicas that answer.", answering)
        answered_at, snapshot = self._mlflow.answered_at, self._registry.snapshot
        if snapshot is None or answered_at is None:
            return
        if time.monotonic() - answered_at <= KEPT_SECONDS:
            yield from self._of(snapshot)

    def _of(self, snapshot: Snapshot) -> Iterator[GaugeMetricFamily]:
        failed = has_last_run_failed(snapshot, self._training_timeout)
        yield _gauge("training_last_run_failed", "Whether the newest run that is over failed.", failed)
        ended = last_ended(snapshot, self._training_timeout)
        if ended is not None:
            at = ended.ended or ended.started
            yield _gauge("training_last_run_timestamp_seconds", "When the newest run that is over ended.", at)
        refused = snapshot.finished is not None and snapshot.finished.tags.get(STATE_TAG) == REFUSED
        yield _gauge("training_last_gate_refused", "Whether the gate refused the newest model.", refused)
        yield _gauge(
            "registry_candidate_waiting",
            "Whether a newer version than the champion passed the gate.",
            is_candidate_waiting(snapshot),
        )
        if snapshot.champion is not None:
            number = snapshot.champion.number
            yield _gauge("registry_champion_version", "The champion's version.", number)


def is_candidate_waiting(snapshot: Snapshot) -> bool:
    """Whether the challenger passed the gate and is newer than the champion, if there is a champion."""
    champion, challenger = snapshot.champion, snapshot.challenger
    if challenger is None or challenger.tags.get(STATE_TAG) not in (PASSED, WARNED):
        return False
    return champion is None or challenger.number > champion.number


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))
