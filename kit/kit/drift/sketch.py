"""A sketch of one feature of the training rows, and the distance of other rows from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import rel_entr

# Points of a sketch, at equally spaced quantile levels. The number is a multiple of BINS, plus one.
LEVELS = 129
# Bins of the population stability index. They are equally full in the reference, with one more at either end.
BINS = 8
# Smaller shares count as this share: a row in a bin that training left empty is no infinite drift.
LEAST_SHARE = 1e-3
# The number of windows of neighbouring rows of each size.
LOCAL_WINDOWS = 512
FEATURE_KEYS = {"values", "up_to", "local"}


@dataclass(frozen=True)
class Sketch:
    """One feature of `total` training rows.

    Attributes
    ----------
    values : (k,) ascending, without repeats. The first is the smallest, the last is the largest.
    up_to : (k,) int, the number of rows with at most that value.
    local : (len(local_rows),) the largest PSI of as many neighbouring training rows.
    """

    values: np.ndarray
    up_to: np.ndarray
    local: np.ndarray
    total: int

    @cached_property
    def points(self) -> np.ndarray:
        """The values, and a point just below them, so that smaller values differ from the smallest one."""
        return np.concatenate([[np.nextafter(self.values[0], -np.inf)], self.values])

    @cached_property
    def distribution(self) -> np.ndarray:
        """The share of the rows up to each of the points."""
        return np.concatenate([[0], self.up_to]) / self.total

    @cached_property
    def edges(self) -> np.ndarray:
        """The ends of the bins among the points, without the last. Levels with the same value share a bin."""
        wanted = np.arange(1, BINS + 1) / BINS * self.total
        return np.unique(np.concatenate([[0], np.searchsorted(self.up_to, wanted) + 1]))

    @cached_property
    def shares(self) -> np.ndarray:
        """The reference's share of each bin, (len(edges) + 1,)."""
        return np.diff(self.distribution[self.edges], prepend=0, append=1)

    @cached_property
    def median(self) -> float:
        """The smallest value that at least half of the rows do not exceed. It is a value of a row."""
        return float(self.values[np.searchsorted(self.up_to, self.total / 2)])

    def places(self, column: np.ndarray) -> np.ndarray:
        """The number of the first point that is not below each value; len(points) for a value above all."""
        return np.searchsorted(self.points, column)

    def psi(self, counts: np.ndarray) -> np.ndarray:
        """Population stability index of (..., bins) counts, minus the part that chance alone gives.

        Each bin gets half a row more, so that no bin is empty.
        """
        rows = counts.sum(axis=-1, keepdims=True)
        found = (counts + 0.5) / (rows + counts.shape[-1] / 2)
        expected = np.maximum(self.shares, LEAST_SHARE)
        expected /= expected.sum()
        index = (rel_entr(found, expected) + rel_entr(expected, found)).sum(axis=-1)
        # Yurdakul (2018): without drift, the index is chi-squared with bins - 1 degrees, times this factor.
        chance = (np.count_nonzero(self.shares) - 1) * (1 / rows[..., 0] + 1 / self.total)
        return np.maximum(index - chance, 0)

    def compare(self, places: np.ndarray) -> tuple[float, float]:
        """PSI and Kolmogorov-Smirnov statistic of rows at these places.

        scipy's test expects a continuous distribution, and would report a count that many rows share as
        drift. Here both distributions are compared at the points, with ties.
        """
        up_to = np.cumsum(np.bincount(places, minlength=len(self.points) + 1))[:-1]
        counts = np.diff(up_to[self.edges], prepend=0, append=len(places))
        distance = np.abs(up_to / len(places) - self.distribution).max()
        return float(self.psi(counts)), float(distance)


def sketch_of(column: np.ndarray, rows: Sequence[int]) -> Sketch:
    """The sketch of a feature (n,) in the order of the data. `rows` are sizes of windows of neighbours."""
    ordered = np.sort(column)
    at = np.ceil(np.linspace(0, 1, LEVELS) * len(ordered)).astype(int) - 1
    # Do not round: all rows of a constant feature would be on one side of the rounded value.
    values = np.unique(ordered[np.maximum(at, 0)])
    up_to = np.searchsorted(ordered, values, side="right")
    plain = Sketch(values, up_to, np.zeros(len(rows)), len(ordered))
    local = [round(_local(plain, column, size), 6) for size in rows]
    return Sketch(values, up_to, np.array(local), len(ordered))


def _local(sketch: Sketch, column: np.ndarray, rows: int) -> float:
    """The largest PSI of `rows` neighbours among the sketch's rows; 0 if there are fewer rows."""
    if len(column) < rows:
        return 0.0
    # A value in bin b is beyond b of the edges.
    bins = np.searchsorted(sketch.edges, sketch.places(column))
    seen = np.zeros((len(column) + 1, len(sketch.edges) + 1), np.int64)
    seen[np.arange(1, len(column) + 1), bins] = 1
    np.cumsum(seen, axis=0, out=seen)
    count = min(LOCAL_WINDOWS, 1 + (len(column) - rows) * 8 // rows)
    starts = np.linspace(0, len(column) - rows, count).astype(int)
    return float(sketch.psi(seen[starts + rows] - seen[starts]).max())


def read_sketch(name: str, given: Any, total: int, sizes: int) -> Sketch:
    """The sketch of a feature from the artifact. Raises ValueError with the place of the problem."""
    where = f"features.{name}"
    expect(isinstance(given, dict) and given.keys() == FEATURE_KEYS, where, "values, up_to and local")
    values, up_to, local = (numbers(given[key], f"{where}.{key}") for key in ("values", "up_to", "local"))
    expect(0 < values.size <= LEVELS and ascends(values), f"{where}.values", "ascending numbers")
    counted = up_to.size == values.size and up_to[0] >= 0 and up_to[-1] == total and ascends(up_to, 0)
    expect(counted, f"{where}.up_to", f"ascending counts up to {total}, one a value")
    expect(local.size == sizes and (local >= 0).all(), f"{where}.local", f"{sizes} numbers from 0")
    return Sketch(values, up_to.astype(int), local, total)


def numbers(given: Any, where: str) -> np.ndarray:
    """A list of finite numbers as an array. Raises ValueError with the first wrong place."""
    fine = isinstance(given, list) and all(type(value) in (int, float) for value in given)
    expect(fine and all(map(math.isfinite, given)), where, "finite numbers")
    return np.array(given, dtype=float)


def ascends(numbers: np.ndarray, least: float = np.finfo(float).tiny) -> bool:
    """Whether each number is larger than the one before, by at least `least`."""
    return bool((np.diff(numbers) >= least).all())


def expect(fine: bool, where: str, expected: str) -> None:
    """Raise ValueError unless the condition is true."""
    if not fine:
        raise ValueError(f"{where}: expected {expected}")
