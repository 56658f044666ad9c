"""Prometheus's metrics of the backups. An unknown value is left out, not 0."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric

PREFIX = "backup_"


@dataclass
class State:
    """What the service knows.

    Attributes
    ----------
    period : the longest time between two backups by the schedule, in seconds.
    due : when the next backup begins.
    last : when the last good backup began; None while there is none.
    size : the bytes of its files.
    duration : the seconds that it took; None when an earlier task made it.
    failed : whether the last attempt failed; None while there was none.
    kept : the number of good backups.
    """

    period: float
    due: datetime.datetime
    last: datetime.datetime | None = None
    size: int | None = None
    duration: float | None = None
    failed: bool | None = None
    kept: int = 0


class _Collector:
    def __init__(self, state: State):
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state
        last = None if state.last is None else state.last.timestamp()
        failed = None if state.failed is None else float(state.failed)
        for name, text, value in (
            ("period_seconds", "The longest time between two backups by the schedule.", state.period),
            ("next_timestamp_seconds", "When the next backup begins.", state.due.timestamp()),
            ("last_success_timestamp_seconds", "When the last good backup began.", last),
            ("last_success_bytes", "The size of the last good backup.", state.size),
            ("last_success_duration_seconds", "The time that the last good backup took.", state.duration),
            ("last_attempt_failed", "Whether the last attempt failed.", failed),
            ("kept", "The number of good backups.", float(state.kept)),
        ):
            if value is not None:
                yield GaugeMetricFamily(f"{PREFIX}{name}", text, value)


def registry_of(state: State) -> CollectorRegistry:
    """A registry with these metrics, and those of the process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Collector(state))
    return registry
