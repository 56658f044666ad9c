"""Prometheus's metrics of the certificate. An unknown value is left out, not 0."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric

from acme.certificate import Certificate

PREFIX = "certificate_"


@dataclass
class State:
    """What the service knows.

    Attributes
    ----------
    certificate : the one that the gateway serves; None while there is none.
    last : when this task got one, in seconds since the epoch; None while it got none.
    failed : whether the last attempt failed; None while there was none.
    """

    certificate: Certificate | None = None
    last: float | None = None
    failed: bool | None = None


class _Collector:
    def __init__(self, state: State):
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state, current = self._state, self._state.certificate
        for name, text, value in (
            ("expiry_timestamp_seconds", "When the certificate ends.", None if current is None else current.ends),
            ("lifetime_seconds", "How long the certificate is valid.", None if current is None else current.life),
            ("last_success_timestamp_seconds", "When this task last got a certificate.", state.last),
            ("last_attempt_failed", "Whether the last attempt failed.", state.failed),
        ):
            if value is not None:
                yield GaugeMetricFamily(f"{PREFIX}{name}", text, float(value))


def registry_of(state: State) -> CollectorRegistry:
    """A registry with these metrics, and those of the process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Collector(state))
    return registry
