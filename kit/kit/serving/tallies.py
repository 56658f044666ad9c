"""Counts of the hot path: plain Python numbers, which prometheus_client gets when it asks.

Its own Counter and Histogram need a lock and a dozen calls for each number. That was most of the cost of
observing a request (bench/serving.ts, observing). One thread, the event loop's, writes these counts, and any
thread reads them: each reading copies a list in one step of the interpreter.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class Tally(Collector):
    """A counter with a fixed set of label values.

    Attributes
    ----------
    counts : by position in `rows`. Add to them in place.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        rows: Sequence[Sequence[str]],
        registry: CollectorRegistry,
    ) -> None:
        self.counts = [0] * len(rows)
        self._name = name
        self._documentation = documentation
        self._labels = tuple(labels)
        self._rows = tuple(rows)
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """One family. A label value that was never counted is 0 on the graph, not a gap."""
        family = CounterMetricFamily(self._name, self._documentation, labels=self._labels)
        for row, count in zip(self._rows, self.counts[:], strict=True):
            family.add_metric(row, count)
        yield family


def predictions_tally(labels: Sequence[str], version: str, registry: CollectorRegistry) -> list[int]:
    """Register the counter of predictions. Its counts are by position in `labels`, the values of `class`."""
    rows = [(label, version) for label in labels]
    return Tally("model_predictions", "Predicted rows.", ("class", "version"), rows, registry).counts


class Sum(Collector):
    """The number and the sum of values, a summary without quantiles."""

    def __init__(self, name: str, documentation: str, registry: CollectorRegistry) -> None:
        self._name = name
        self._documentation = documentation
        self._told = (0, 0.0)
        registry.register(self)

    def add(self, count: int, total: float) -> None:
        """Add values by their number and their sum."""
        # One assignment, so that a reader never sees the one without the other.
        self._told = (self._told[0] + count, self._told[1] + total)

    def collect(self) -> Iterable[Metric]:
        """One family."""
        count, total = self._told
        yield SummaryMetricFamily(self._name, self._documentation, count, total)


class Distribution:
    """Observations in buckets. `bounds` are upper bounds, inclusive, in order."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def read(self) -> tuple[list[tuple[str, int]], float]:
        """Cumulative counts by upper bound, with an infinite last bound, and the sum of all values."""
        counts, total = self._counts[:], self._sum
        names = [floatToGoString(bound) for bound in (*self._bounds, float("inf"))]
        return list(zip(names, accumulate(counts), strict=True)), total


class Distributions(Collector):
    """A histogram with a fixed set of values of one label, or without a label.

    Attributes
    ----------
    of : the distribution of each label value; of "" without a label.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        bounds: Sequence[float],
        registry: CollectorRegistry,
        label: str = "",
        values: Sequence[str] = ("",),
    ) -> None:
        self.of = {value: Distribution(bounds) for value in values}
        self._name = name
        self._documentation = documentation
        self._labels = (label,) if label else ()
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """One family."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        for value, distribution in self.of.items():
            buckets, total = distribution.read()
            family.add_metric((value,) if self._labels else (), buckets, total)
        yield family
