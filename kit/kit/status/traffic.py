"""An hour of the replicas' counters: rates, latencies and drift over time.

Counters only grow. So each sample keeps the growth a second, summed over the replicas.
"""

import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from kit.status.series import (
    COUNTERS,
    DRIFT_REFERENCE,
    DRIFT_SCORE,
    ERRORS,
    FEATURE_DRIFT,
    GAUGES,
    INPUTS,
    LATENCY_BUCKETS,
    PREDICTIONS,
    PRESENT_NAMES,
    REQUESTS,
    STARTED,
)

HOUR_SECONDS = 3600
# The time of one point in the charts. A single poll has no visible influence.
BIN_SECONDS = 30
# The figures of "now" are the mean of this time.
NOW_SECONDS = 60
QUANTILES = (0.5, 0.95, 0.99)
FEATURES_SHOWN = 8

# No replica has as many series. More labels come from a defect.
MOST_SERIES = 500

Key = tuple[str, str]


@dataclass(frozen=True)
class Reading:
    """One replica's metrics at one moment.

    `counters` are by name and label, `gauges` by name, and `features` by name without NaN. `at` is in seconds
    of the monotonic clock, and `started` in seconds since 1970, 0 if unknown.
    """

    at: float
    counters: Mapping[Key, float]
    gauges: Mapping[str, float] = field(default_factory=dict)
    features: Mapping[str, float] = field(default_factory=dict)
    started: float = 0.0

    @classmethod
    def parse(cls, text: str, at: float) -> "Reading":
        """Read Prometheus's text format. Metrics that are not there are simply missing.

        Raises
        ------
        ValueError : the text is something else, or was cut off.
        """
        counters: Counter[Key] = Counter()
        gauges, features = {}, {}
        for family in text_string_to_metric_families(text):
            for told, labels, value, *_ in family.samples:
                if not math.isfinite(value):
                    continue
                name = PRESENT_NAMES.get(told, told)
                if name in COUNTERS and len(counters) < MOST_SERIES:
                    label = labels.get(COUNTERS[name], "")
                    if COUNTERS[name] == "le":
                        float(label)  # a bound, as the quantiles will need it
                    counters[name, label] += value
                elif name in GAUGES:
                    gauges[name] = value
                elif name == FEATURE_DRIFT and len(features) < MOST_SERIES:
                    features[labels.get("feature", "")] = value
        return cls(at, dict(counters), gauges, features, gauges.get(STARTED, 0.0))

    def rates_since(self, before: "Reading") -> dict[Key, float]:
        """The growth of each counter a second. A counter that starts again has grown from 0."""
        seconds = self.at - before.at
        # The same address may be another process. Its higher counters are not the growth of the earlier
        # one's.
        is_same = self.started == before.started
        rates = {}
        for key, value in self.counters.items():
            last = before.counters.get(key, 0.0)
            rates[key] = (value - last if is_same and value >= last else value) / seconds
        return rates


@dataclass(frozen=True)
class Sample:
    """All replicas at one moment: rates a second by counter, the worst drift, and `at` since 1970."""

    at: float
    rates: Mapping[Key, float] | None
    drift: float | None


class Traffic:
    """An hour of samples, and the page's view of them."""

    def __init__(self, period: float) -> None:
        self._samples: deque[Sample] = deque(maxlen=int(HOUR_SECONDS / period))
        self._before: dict[str, Reading] = {}

    def add(self, at: float, readings: Mapping[str, Reading]) -> None:
        """Keep the readings of all replicas that answered, by address. `at` is in seconds since 1970."""
        rates: Counter[Key] | None = None
        for address, reading in readings.items():
            before = self._before.get(address)
            if before is not None and reading.at > before.at:
                rates = Counter() if rates is None else rates
                for key, rate in reading.rates_since(before).items():
                    rates[key] += rate
        # Forget replicas that are gone. A replica that missed a poll starts again.
        self._before = dict(readings)
        drifts = [score for each in readings.values() if (score := each.gauges.get(DRIFT_SCORE)) is not None]
        self._samples.append(
            Sample(at, None if rates is None else dict(rates), max(drifts) if drifts else None)
        )

    def view(self) -> dict[str, Any]:
        """For the page: series with one value a bin (None: unknown), and the figures of now."""
        bins = [list(group) for _, group in groupby(self._samples, lambda each: each.at // BIN_SECONDS)]
        newest = self._samples[-1].at if self._samples else 0.0
        now = _figures([each for each in self._samples if each.at > newest - NOW_SECONDS])
        points = [_figures(samples) for samples in bins]
        # A model without classes counts all rows under one empty name.
        predicted = _totals(self._before.values(), PREDICTIONS)
        names = ("requests", "rows", "errors", "p50", "p95", "p99", "drift")
        return {
            "at": [samples[0].at // BIN_SECONDS * BIN_SECONDS for samples in bins],
            "series": {name: [point[name] for point in points] for name in names},
            "now": {name: now[name] for name in names},
            "classes": {name: count for name, count in predicted.items() if name},
            "predicted": sum(predicted.values()),
            "inputs": _totals(self._before.values(), INPUTS),
            "errors": _totals(self._before.values(), ERRORS),
            "features": _most_drifted(self._before.values()),
            "reference": _has_reference(self._before.values()),
        }


def quantile(share: float, buckets: Mapping[float, float]) -> float | None:
    """The seconds in which a share of the requests was answered; None without requests.

    `buckets` has the cumulative count by upper bound. The result is linear within a bucket. Beyond the
    highest finite bound, it is this bound, as in Prometheus's histogram_quantile.
    """
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0.0
    if total <= 0:
        return None
    rank, low, below = share * total, 0.0, 0.0
    for bound in bounds:
        count = buckets[bound]
        if count >= rank and count > below:
            return low if math.isinf(bound) else low + (bound - low) * (rank - below) / (count - below)
        low, below = (low if math.isinf(bound) else bound), max(below, count)
    return low


def _figures(samples: list[Sample]) -> dict[str, float | None]:
    known = [sample.rates for sample in samples if sample.rates is not None]
    mean: Counter[Key] = Counter()
    for rates in known:
        for key, rate in rates.items():
            mean[key] += rate / len(known)
    drifts = [sample.drift for sample in samples if sample.drift is not None]
    buckets = {float(le): rate for (name, le), rate in mean.items() if name == LATENCY_BUCKETS}
    quantiles = {f"p{share * 100:.0f}": quantile(share, buckets) for share in QUANTILES}

    def total(name: str) -> float | None:
        return sum(rate for (counter, _), rate in mean.items() if counter == name) if known else None

    return {
        "requests": total(REQUESTS),
        "rows": total(PREDICTIONS),
        "errors": total(ERRORS),
        "drift": drifts[-1] if drifts else None,
        **quantiles,
    }


def _totals(readings: Iterable[Reading], name: str) -> dict[str, float]:
    """A counter's values since the replicas started, by label."""
    totals: Counter[str] = Counter()
    for reading in readings:
        for (counter, label), value in reading.counters.items():
            if counter == name:
                totals[label] += value
    return dict(totals)


def _most_drifted(readings: Iterable[Reading]) -> list[dict[str, Any]]:
    worst: dict[str, float] = {}
    for reading in readings:
        for feature, value in reading.features.items():
            worst[feature] = max(value, worst.get(feature, value))
    ranked = sorted(worst.items(), key=lambda item: -item[1])[:FEATURES_SHOWN]
    return [{"name": name, "psi": value} for name, value in ranked]


def _has_reference(readings: Iterable[Reading]) -> bool | None:
    """Whether every replica has a reference to compare with; None if they do not say."""
    flags = [flag for each in readings if (flag := each.gauges.get(DRIFT_REFERENCE)) is not None]
    return all(flags) if flags else None
