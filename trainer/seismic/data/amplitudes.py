"""Decides which traces a model can learn from, and which amplitudes mean missing data."""

import numpy as np

# Beyond this, squares and sums of float32 amplitudes could overflow, so serving refuses such amplitudes.
LARGEST_AMPLITUDE = float(np.float32(1e15))
# An IBM float keeps 21 bits of a value such as 1e30 or -999.25.
UNDEFINED_TOLERANCE = 2e-6
# So many equal samples in a row are no recording, but padding or a clipped plateau.
LONG_RUN = 16


def trace_flags(traces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which of these traces (n, samples) are dead, non-finite, and out of range: three bool arrays (n,)."""
    low, high = traces.min(axis=1), traces.max(axis=1)
    # If any sample is NaN, both minimum and maximum are NaN.
    finite = np.isfinite(low) & np.isfinite(high)
    out_of_range = finite & ((low < -LARGEST_AMPLITUDE) | (high > LARGEST_AMPLITUDE))
    return low == high, ~finite, out_of_range


def define(traces: np.ndarray, undefined: float | None) -> None:
    """Write 0 into these traces in the place of the undefined value, if there is one."""
    if undefined is not None:
        traces[is_undefined(traces, undefined)] = 0


def is_undefined(amplitudes: np.ndarray | float, undefined: float | None) -> np.ndarray | bool:
    """Which amplitudes mean missing data."""
    if undefined is None:
        return False
    with np.errstate(invalid="ignore", over="ignore"):
        return np.abs(amplitudes - np.float32(undefined)) <= abs(undefined) * UNDEFINED_TOLERANCE


def long_runs(traces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find traces (n, samples) with LONG_RUN equal samples in a row, other than 0.

    Returns a bool array (n,), and the value of the first run in each such trace, float32 (number of them,).
    """
    if traces.shape[1] < LONG_RUN:
        return np.zeros(len(traces), dtype=bool), np.empty(0, np.float32)
    # Each step joins two pieces of a run, until the pieces have 15 equal pairs.
    run = (traces[:, 1:] == traces[:, :-1]) & (traces[:, 1:] != 0)
    for shift in (1, 2, 4, 7):
        run = run[:, :-shift] & run[:, shift:]
    found = run.any(axis=1)
    return found, traces[found, run[found].argmax(axis=1)]
