"""Prometheus's metrics of the service."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from kit.retraining.decisions import DECLINED, ENDS, STARTED, Decision
from kit.retraining.ledger import Ledger

TRIGGERS = ("alert", "schedule")
PREFIX = "retraining_"


class Metrics:
    """The service's metrics, in their own registry.

    Parameters
    ----------
    running : whether a run is under way.
    following : the time of the schedule's next request, in seconds since 1970; None without a schedule.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, ledger: Ledger, running: Callable[[], bool], following: Callable[[], float] | None):
        self._ledger = ledger
        self._running = running
        self._following = following
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._decisions = Counter(
            f"{PREFIX}decisions",
            "Requests for a training run that were declined, and runs that have ended.",
            ("trigger", "outcome"),
            registry=self._registry,
        )
        for trigger in TRIGGERS:
            for outcome in (*ENDS, DECLINED):
                self._decisions.labels(trigger, outcome)
        self._registry.register(self)

    def count(self, decision: Decision) -> None:
        """Count a decline, or a run that has ended."""
        self._decisions.labels(decision.trigger.split()[0], decision.outcome).inc()

    def render(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """The gauges from the present ledger. An unknown value is left out, not 0."""
        ledger = self._ledger
        yield _gauge("running", "Whether a training run goes on.", float(self._running()))
        yield _gauge("undelivered_decisions", "Decisions that MLflow has not got yet.", ledger.undelivered)
        yield _gauge("dropped_decisions", "Decisions that MLflow never got.", ledger.dropped)
        if self._following is not None:
            text = "When the schedule asks for a run."
            yield _gauge("next_timestamp_seconds", text, self._following())
        if ledger.last_run is not None:
            text = "When the last training run started."
            yield _gauge("last_timestamp_seconds", text, ledger.last_run.at.timestamp())
        ends = [one.outcome for one in ledger.runs if one.outcome != STARTED]
        if ends:
            family = GaugeMetricFamily(
                f"{PREFIX}last_outcome", "1 for how the last training run ended.", labels=("outcome",)
            )
            for outcome in ENDS:
                family.add_metric((outcome,), float(outcome == ends[0]))
            yield family


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}{name}", text, value)
