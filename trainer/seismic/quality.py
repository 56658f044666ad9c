"""What is in a survey, in numbers: the report that goes with every training run."""

from dataclasses import dataclass

import numpy as np

from seismic.classes import CLASSES
from seismic.parallel import ordered_map
from seismic.survey import Survey, trace_flags

ROWS = 1024
PERCENTILES = (0.1, 1, 5, 25, 50, 75, 95, 99, 99.9)
# Trace numbers that the report lists of each kind; all of them are counted.
LISTED = 20


@dataclass(frozen=True)
class _Part:
    """What one piece of the survey adds to the report."""

    dead: np.ndarray
    nonfinite: np.ndarray
    count: int
    mean: float
    scatter: float
    low: float
    high: float
    histogram: np.ndarray


def quality_report(survey: Survey, workers: int | None = None) -> dict:
    """Counts, amplitudes, labels and files of a survey, ready for JSON, from one streaming pass.

    Amplitudes (unit of the data) are of all samples of the traces that are neither dead nor hold NaN or
    infinity, which training leaves out too; their mean, std (population), min and max are exact,
    percentiles within 1 % of the value (see `_percentiles`). Without any such trace they are None. The
    pass also fills survey.dead and survey.nonfinite.
    """
    starts = range(0, survey.n_traces, ROWS)

    def measure(start: int) -> _Part:
        return _measure(survey.read(np.arange(start, min(start + ROWS, survey.n_traces))))

    total: _Part | None = None
    dead, nonfinite = [], []
    for part in ordered_map(measure, starts, workers):
        dead.append(part.dead)
        nonfinite.append(part.nonfinite)
        total = part if total is None else _join(total, part)
    flags = np.concatenate(dead), np.concatenate(nonfinite)
    survey.remember_flags(*flags)
    return {
        "traces": survey.n_traces,
        "samples_per_trace": survey.n_samples,
        "interval_us": survey.interval_us,
        "geometry": _geometry(survey),
        "dead": _listed(survey, flags[0]),
        "nonfinite": _listed(survey, flags[1]),
        "amplitude": _amplitude(total) if total and total.count else None,
        "labels": _labels(survey.labels),
        "files": [
            {
                "name": file.path.name,
                "traces": file.n_traces,
                "format": file.format,
                "endian": file.endian,
                "bytes": file.data_start + file.n_traces * file.trace_bytes,
            }
            for file in survey.files
        ],
    }


def _measure(traces: np.ndarray) -> _Part:
    dead, nonfinite = trace_flags(traces)
    unusable = dead | nonfinite
    if unusable.any():
        traces = traces[~unusable]
    if not traces.size:
        empty = np.zeros(1 << 16, dtype=np.int64)
        return _Part(dead, nonfinite, 0, 0.0, 0.0, np.inf, -np.inf, empty)
    exact = traces.astype(np.float64)
    mean = float(exact.mean())
    exact -= mean
    scatter = float(np.einsum("ij,ij->", exact, exact))
    bits = np.ascontiguousarray(traces).view(np.uint32) >> 16
    histogram = np.bincount(bits.ravel(), minlength=1 << 16)
    return _Part(
        dead, nonfinite, traces.size, mean, scatter, float(traces.min()), float(traces.max()), histogram
    )


def _join(one: _Part, other: _Part) -> _Part:
    count = one.count + other.count
    if not count:
        return one
    # Chan, Golub, LeVeque (1983), as for the covariance in features.py.
    shift = other.mean - one.mean
    return _Part(
        one.dead,
        one.nonfinite,
        count,
        one.mean + shift * other.count / count,
        one.scatter + other.scatter + shift * shift * one.count * other.count / count,
        min(one.low, other.low),
        max(one.high, other.high),
        one.histogram + other.histogram,
    )


def _amplitude(total: _Part) -> dict:
    return {
        "mean": total.mean,
        "std": (total.scatter / total.count) ** 0.5,
        "min": total.low,
        "max": total.high,
        "percentiles": _percentiles(total),
    }


def _percentiles(total: _Part) -> dict[str, float]:
    """Percentiles from counts of the upper half of each float's bits: sign, exponent and 7 bits.

    That is a histogram of 65,536 bins whose width is below 1 % of the value, for any range of amplitudes,
    so one pass is enough, and the memory is the same for any survey.
    """
    used = np.flatnonzero(total.histogram).astype(np.uint32)
    ends = np.stack([used << 16, used << 16 | 0xFFFF]).view(np.float32).astype(np.float64)
    # The bins of zero hold denormal numbers besides, but muted samples are exactly zero.
    ends[:, used & 0x7FFF == 0] = 0
    # Among negative floats the larger pattern is the smaller value.
    ends.sort(axis=0)
    order = np.argsort(ends[0], kind="stable")
    lower, upper = ends[:, order]
    counts = total.histogram[used[order]]
    reached = np.cumsum(counts)
    result = {}
    for percentile in PERCENTILES:
        rank = percentile / 100 * (total.count - 1)
        place = int(np.searchsorted(reached, rank, side="right"))
        inside = (rank - (reached[place] - counts[place])) / counts[place]
        value = lower[place] + (upper[place] - lower[place]) * inside
        result[f"{percentile:g}"] = float(np.clip(value, total.low, total.high))
    return result


def _geometry(survey: Survey) -> dict:
    report: dict = {"kind": survey.geometry_kind}
    for name in ("inline", "crossline"):
        values = np.unique(survey.geometry[name])
        report[name] = {"min": int(values[0]), "max": int(values[-1]), "count": len(values)}
    return report


def _listed(survey: Survey, flags: np.ndarray) -> dict:
    """A count, and the first few as file and trace (from 1, as in labels.csv)."""
    rows = survey.geometry[np.flatnonzero(flags)[:LISTED]]
    return {
        "count": int(flags.sum()),
        "first": [
            {"file": survey.files[row["file"]].path.name, "trace": int(row["trace"]) + 1} for row in rows
        ],
    }


def _labels(labels: np.ndarray) -> dict:
    counts = np.bincount(labels.astype(np.int64) + 1, minlength=len(CLASSES) + 1)
    labelled = int(counts[1:].sum())
    return {
        "labelled": labelled,
        "unlabelled": int(counts[0]),
        "counts": {name: int(count) for name, count in zip(CLASSES, counts[1:], strict=True)},
        "shares": {
            name: float(count / labelled) if labelled else 0.0
            for name, count in zip(CLASSES, counts[1:], strict=True)
        },
    }
