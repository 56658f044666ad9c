"""Drift: how far the traces that are classified lie from those that the model was trained on.

The trainer keeps a sketch of each feature of its training traces, and serving compares with it what it is
asked. docs/serving.md says how the score was chosen, and with which evidence.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import rel_entr

NAME = "drift_reference.json"
VERSION = 1
# Points of a sketch, at equally spaced quantile levels; a multiple of BINS and one.
LEVELS = 129
# Bins of the population stability index, equally full in the reference; and one beyond either end.
BINS = 8
# Shares below it count as it: a trace in a bin that training left empty is no infinite drift.
LEAST_SHARE = 1e-3
# Sizes of the windows of neighbouring training traces whose own PSI is kept.
LOCAL_ROWS = (128, 256, 512, 1024, 2048)
LOCAL_WINDOWS = 512
# Windows of more than a quarter of the survey differ from it less than those of the next one would.
LOCAL_SHARE = 4
# Lines that were held out differ by more than any that were trained on: how much more is allowed.
LOCAL_MARGIN = 1.5
# The newest traces of a window are judged alone, too: drift that began just now is diluted in the whole.
NEWEST = 512
# The score is the mean over the features that moved most: noise moves few, and one may move by chance.
MOST_MOVED = 4
KEYS = {"version", "traces", "largest_amplitude", "local_rows", "features"}
FEATURE_KEYS = {"values", "up_to", "local"}


@dataclass(frozen=True)
class Drift:
    """What a comparison found: `psi` and `ks` (n_features,), in the reference's order, and the `score`."""

    psi: np.ndarray
    ks: np.ndarray
    score: float


@dataclass(frozen=True)
class Sketch:
    """One feature of `traces` training traces.

    Attributes
    ----------
    values : (k,) ascending, without repeats, the first the smallest and the last the largest.
    up_to : (k,) int, how many traces have at most that value.
    local : (len(local_rows),) the largest PSI of as many neighbouring training traces.
    """

    values: np.ndarray
    up_to: np.ndarray
    local: np.ndarray
    traces: int

    @cached_property
    def points(self) -> np.ndarray:
        """The values, and one just below them: what is smaller than all of them is not what equals one."""
        return np.concatenate([[np.nextafter(self.values[0], -np.inf)], self.values])

    @cached_property
    def distribution(self) -> np.ndarray:
        """The share of the traces up to each of the points."""
        return np.concatenate([[0], self.up_to]) / self.traces

    @cached_property
    def edges(self) -> np.ndarray:
        """Where, among the points, the bins end but the last; levels that share a value share a bin."""
        wanted = np.arange(1, BINS + 1) / BINS * self.traces
        return np.unique(np.concatenate([[0], np.searchsorted(self.up_to, wanted) + 1]))

    @cached_property
    def shares(self) -> np.ndarray:
        """The reference's share of each bin, (len(edges) + 1,)."""
        return np.diff(self.distribution[self.edges], prepend=0, append=1)

    def places(self, column: np.ndarray) -> np.ndarray:
        """The number of the first point that is not below each value, len(points) for what is above all."""
        return np.searchsorted(self.points, column)

    def psi(self, counts: np.ndarray) -> np.ndarray:
        """Population stability index of (..., bins) counts, less what chance alone gives.

        Each bin has half a trace more, so that none is empty.
        """
        rows = counts.sum(axis=-1, keepdims=True)
        found = (counts + 0.5) / (rows + counts.shape[-1] / 2)
        expected = np.maximum(self.shares, LEAST_SHARE)
        expected /= expected.sum()
        index = (rel_entr(found, expected) + rel_entr(expected, found)).sum(axis=-1)
        # Yurdakul (2018): without drift the index is chi-squared times this, of bins - 1 degrees.
        chance = (np.count_nonzero(self.shares) - 1) * (1 / rows[..., 0] + 1 / self.traces)
        return np.maximum(index - chance, 0)

    def compare(self, places: np.ndarray) -> tuple[float, float]:
        """PSI and Kolmogorov-Smirnov statistic of traces at these places.

        scipy's test takes the distribution for continuous, and a count that many traces share for drift;
        here both distributions are compared at the points, ties included.
        """
        up_to = np.cumsum(np.bincount(places, minlength=len(self.points) + 1))[:-1]
        counts = np.diff(up_to[self.edges], prepend=0, append=len(places))
        distance = np.abs(up_to / len(places) - self.distribution).max()
        return float(self.psi(counts)), float(distance)


@dataclass(frozen=True)
class Reference:
    """Sketches of the features of the training traces, by name, and their largest absolute amplitude."""

    sketches: dict[str, Sketch]
    traces: int
    largest_amplitude: float
    local_rows: tuple[int, ...]

    @classmethod
    def of(cls, features: np.ndarray, names: Sequence[str]) -> "Reference":
        """Sketch features (n, n_features), n > 0, of traces in the order of the survey.

        Neighbours resemble each other, so a window of them differs from the survey without any drift: by
        how much at most is kept with each feature.

        Raises
        ------
        ValueError
            for values that are not finite, or other names than those of seismic.features.
        """
        if not np.isfinite(features).all():
            raise ValueError("features of training traces are not finite")
        names = [str(name) for name in names]
        ends = features[:, [names.index("minimum"), names.index("maximum")]]
        rows = tuple(size for size in LOCAL_ROWS if size * LOCAL_SHARE <= len(features)) or LOCAL_ROWS[:1]
        sketches = {name: _sketch(column, rows) for name, column in zip(names, features.T, strict=True)}
        return cls(sketches, len(features), float(np.abs(ends).max()), rows)

    def compare(self, window: np.ndarray, pause: Callable[[], None] = lambda: None) -> Drift:
        """Compare features (n, n_features), n > 0, oldest first; `pause` is called after each feature.

        PSI and KS are the higher ones of the whole window and of its newest traces. The score is the mean,
        over the features that moved most, of the PSI beyond what neighbouring training traces allow.
        """
        parts = [len(window), NEWEST] if len(window) > NEWEST else [len(window)]
        found = np.empty((len(parts), 2, len(self.sketches)))
        beyond = np.empty((len(parts), len(self.sketches)))
        sizes = np.log(self.local_rows)
        for number, sketch in enumerate(self.sketches.values()):
            places = sketch.places(window[:, number])
            for part, rows in enumerate(parts):
                psi, ks = sketch.compare(places[-rows:])
                found[part, :, number] = psi, ks
                allowed = LOCAL_MARGIN * np.interp(math.log(rows), sizes, sketch.local)
                beyond[part, number] = max(psi - allowed, 0)
            pause()
        psi, ks = found.max(axis=0)
        score = np.sort(beyond, axis=1)[:, -MOST_MOVED:].mean(axis=1).max()
        return Drift(psi, ks, float(score))

    def to_json(self) -> str:
        """As the run's artifact has it: the same text for the same features."""
        features = {
            name: {
                "values": sketch.values.tolist(),
                "up_to": sketch.up_to.tolist(),
                "local": sketch.local.tolist(),
            }
            for name, sketch in self.sketches.items()
        }
        content = {
            "version": VERSION,
            "traces": self.traces,
            "largest_amplitude": self.largest_amplitude,
            "local_rows": self.local_rows,
            "features": features,
        }
        return json.dumps(content, allow_nan=False, separators=(",", ":")) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "Reference":
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            saying what is wrong; nothing is taken as nearly right.
        """
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("version") != VERSION:
            found = content.get("version") if isinstance(content, dict) else content
            raise ValueError(f"version: got {str(found)[:40]}; expected {VERSION}")
        if content.keys() != KEYS:
            raise ValueError(f"got {', '.join(sorted(content))}; expected {', '.join(sorted(KEYS))}")
        traces, features = content["traces"], content["features"]
        _expect(type(traces) is int and traces > 0, "traces", "a whole number above 0")
        largest = _numbers([content["largest_amplitude"]], "largest_amplitude")[0]
        _expect(largest >= 0, "largest_amplitude", "a number from 0")
        rows = _numbers(content["local_rows"], "local_rows")
        _expect(rows.size > 0 and rows[0] > 0 and _ascends(rows), "local_rows", "ascending sizes")
        _expect(isinstance(features, dict) and len(features) > 0, "features", "an object of features")
        sketches = {name: _read(name, given, traces, len(rows)) for name, given in features.items()}
        return cls(sketches, traces, float(largest), tuple(rows.astype(int).tolist()))


def _sketch(column: np.ndarray, rows: Sequence[int]) -> Sketch:
    ordered = np.sort(column)
    at = np.ceil(np.linspace(0, 1, LEVELS) * len(ordered)).astype(int) - 1
    # Not rounded: of a feature that is constant, all traces would lie on one side of the rounded value.
    values = np.unique(ordered[np.maximum(at, 0)])
    up_to = np.searchsorted(ordered, values, side="right")
    plain = Sketch(values, up_to, np.zeros(len(rows)), len(ordered))
    local = [round(_local(plain, column, size), 6) for size in rows]
    return Sketch(values, up_to, np.array(local), len(ordered))


def _local(sketch: Sketch, column: np.ndarray, rows: int) -> float:
    """The largest PSI of `rows` neighbours among the traces that the sketch is of; 0 if there are fewer."""
    if len(column) < rows:
        return 0.0
    # A value in bin b lies beyond b of the edges.
    bins = np.searchsorted(sketch.edges, sketch.places(column))
    seen = np.zeros((len(column) + 1, len(sketch.edges) + 1), np.int64)
    seen[np.arange(1, len(column) + 1), bins] = 1
    np.cumsum(seen, axis=0, out=seen)
    count = min(LOCAL_WINDOWS, 1 + (len(column) - rows) * 8 // rows)
    starts = np.linspace(0, len(column) - rows, count).astype(int)
    return float(sketch.psi(seen[starts + rows] - seen[starts]).max())


def _read(name: str, given: Any, traces: int, sizes: int) -> Sketch:
    where = f"features.{name}"
    _expect(isinstance(given, dict) and given.keys() == FEATURE_KEYS, where, "values, up_to and local")
    values, up_to, local = (_numbers(given[key], f"{where}.{key}") for key in ("values", "up_to", "local"))
    _expect(0 < values.size <= LEVELS and _ascends(values), f"{where}.values", "ascending numbers")
    counted = up_to.size == values.size and up_to[0] >= 0 and up_to[-1] == traces and _ascends(up_to, 0)
    _expect(counted, f"{where}.up_to", f"ascending counts up to {traces}, one a value")
    _expect(local.size == sizes and (local >= 0).all(), f"{where}.local", f"{sizes} numbers from 0")
    return Sketch(values, up_to.astype(int), local, traces)


def _numbers(given: Any, where: str) -> np.ndarray:
    fine = isinstance(given, list) and all(type(value) in (int, float) for value in given)
    _expect(fine and all(map(math.isfinite, given)), where, "finite numbers")
    return np.array(given, dtype=float)


def _ascends(numbers: np.ndarray, least: float = np.finfo(float).tiny) -> bool:
    return bool((np.diff(numbers) >= least).all())


def _expect(fine: bool, where: str, expected: str) -> None:
    if not fine:
        raise ValueError(f"{where}: expected {expected}")
