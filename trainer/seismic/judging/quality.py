"""Describes a survey in numbers: the quality report of every training run, and its verdict."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

from kit.computing.parallel import ordered_map
from seismic.data.amplitudes import long_runs, trace_flags
from seismic.data.survey import Survey, rows_at_once
from seismic.judging.judgement import Shares, judge

PERCENTILES = (0.1, 1, 5, 25, 50, 75, 95, 99, 99.9)
# The number of trace numbers that the report lists of each kind. It counts all of them.
LISTED = 20
# The number of different values that long runs may have.
MOST_VALUES = 1000


@dataclass(frozen=True)
class _Part:
    """The part of the report from one piece of the survey."""

    flags: tuple[np.ndarray, np.ndarray, np.ndarray]
    runs: Counter[float]
    copies: np.ndarray
    count: int
    mean: float
    scatter: float
    low: float
    high: float
    at_low: int
    at_high: int
    histogram: np.ndarray


def quality_report(survey: Survey, workers: int | None = None) -> dict:
    """Counts, amplitudes, labels and files of a survey, ready for JSON, from one streaming pass.

    Amplitudes (in the unit of the data) cover all samples of the usable traces. Traces that are dead, out of
    range, or have NaN or infinity are not usable, and training leaves them out too. Mean, std (population),
    min and max are exact. Percentiles are within 1 % of the value (see `_percentiles`). Without a usable
    trace they are None. The pass also fills the survey's flags. `verdict` is "pass", "warn" or "fail", by the
    survey's settings, and `checks` has the reasons.
    """
    rows = rows_at_once(survey.n_samples)

    def measure(start: int) -> _Part:
        return _measure(survey.read(np.arange(start, min(start + rows, survey.n_traces))))

    total: _Part | None = None
    flags, copies, runs, padded = [], [], Counter[float](), 0
    for part in ordered_map(measure, range(0, survey.n_traces, rows), workers):
        flags.append(part.flags)
        copies.append(part.copies)
        padded += part.runs.total()
        # Each clipped trace may have its own value.
        runs = Counter(dict((runs + part.runs).most_common(MOST_VALUES)))
        total = part if total is None else _join(total, part)
    survey.remember_flags(*map(np.concatenate, zip(*flags, strict=True)))
    usable = int(survey.usable.sum())
    shares = Shares(
        dead_traces=survey.dead.mean(),
        nonfinite_traces=survey.nonfinite.mean(),
        out_of_range_traces=survey.out_of_range.mean(),
        undefined_traces=padded / survey.n_traces,
        duplicate_traces=1 - np.unique(np.concatenate(copies)).size / usable if usable else 0.0,
        clipped_samples=(total.at_low + total.at_high - 2) / total.count if total and total.count else 0.0,
    )
    verdict, checks = judge(shares, survey.settings, runs)
    return {
        "verdict": verdict,
        "checks": checks,
        "settings": survey.settings.given,
        "notes": list(survey.notes),
        "traces": survey.n_traces,
        "samples_per_trace": survey.n_samples,
        "interval_us": survey.interval_us,
        "geometry": _geometry(survey),
        "dead": _listed(survey, survey.dead),
        "nonfinite": _listed(survey, survey.nonfinite),
        "out_of_range": _listed(survey, survey.out_of_range),
        "amplitude": _amplitude(total) if total and total.count else None,
        "labels": _labels(survey.labels, survey.classes),
        "files": [
            {
                "name": file.name,
                "traces": file.n_traces,
                "format": file.format,
                "endian": file.endian,
                "bytes": file.data_start + file.n_traces * file.trace_bytes,
            }
            for file in survey.files
        ],
    }


def _measure(traces: np.ndarray) -> _Part:
    flags = trace_flags(traces)
    dead, nonfinite, out_of_range = flags
    # Also count traces out of range, because a run tells undefined values from wrong samples.
    runs = Counter(long_runs(traces[~dead & ~nonfinite])[1].tolist())
    unusable = dead | nonfinite | out_of_range
    if unusable.any():
        traces = traces[~unusable]
    if not traces.size:
        empty = np.zeros(1 << 16, dtype=np.int64)
        return _Part(flags, runs, np.empty(0, np.uint64), 0, 0.0, 0.0, np.inf, -np.inf, 0, 0, empty)
    hashes = b"".join(hashlib.blake2b(trace.data, digest_size=8).digest() for trace in traces)
    copies = np.frombuffer(hashes, np.uint64)
    exact = traces.astype(np.float64)
    mean = float(exact.mean())
    exact -= mean
    scatter = float(np.einsum("ij,ij->", exact, exact))
    bits = np.ascontiguousarray(traces).view(np.uint32) >> 16
    histogram = np.bincount(bits.ravel(), minlength=1 << 16)
    low, high = traces.min(), traces.max()
    return _Part(
        flags, runs, copies, traces.size, mean, scatter, float(low), float(high),
        np.count_nonzero(traces == low), np.count_nonzero(traces == high), histogram,
    )  # fmt: skip


def _join(one: _Part, other: _Part) -> _Part:
    count = one.count + other.count
    if not count:
        return one
    # Chan, Golub, LeVeque (1983), as for the covariance in features.py.
    shift = other.mean - one.mean
    low, high = min(one.low, other.low), max(one.high, other.high)
    return _Part(
        one.flags,
        one.runs,
        one.copies,
        count,
        one.mean + shift * other.count / count,
        one.scatter + other.scatter + shift * shift * one.count * other.count / count,
        low,
        high,
        sum(part.at_low for part in (one, other) if part.low == low),
        sum(part.at_high for part in (one, other) if part.high == high),
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

    This is a histogram of 65,536 bins. Each bin is narrower than 1 % of its value, for any range of
    amplitudes. So one pass is enough, and the memory is the same for any survey.
    """
    used = np.flatnonzero(total.histogram).astype(np.uint32)
    ends = np.stack([used << 16, used << 16 | 0xFFFF]).view(np.float32).astype(np.float64)
    # The bins of zero also hold denormal numbers, but muted samples are exactly zero.
    ends[:, used & 0x7FFF == 0] = 0
    # Among negative floats, the larger pattern is the smaller value.
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
    """A count, and the first entries as file and trace (from 1, as in labels.csv)."""
    rows = survey.geometry[np.flatnonzero(flags)[:LISTED]]
    return {
        "count": int(flags.sum()),
        "first": [{"file": survey.files[row["file"]].name, "trace": int(row["trace"]) + 1} for row in rows],
    }


def _labels(labels: np.ndarray, classes: tuple[str, ...]) -> dict:
    counts = np.bincount(labels.astype(np.int64) + 1, minlength=len(classes) + 1)
    labelled = int(counts[1:].sum())
    return {
        "labelled": labelled,
        "unlabelled": int(counts[0]),
        "counts": {name: int(count) for name, count in zip(classes, counts[1:], strict=True)},
        "shares": {
            name: float(count / labelled) if labelled else 0.0
            for name, count in zip(classes, counts[1:], strict=True)
        },
    }
