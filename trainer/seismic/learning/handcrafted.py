"""The eight features of a trace that a geophysicist would name."""

import numpy as np
import scipy.fft

from seismic.data.survey import rows_at_once

HANDCRAFTED = ("mean", "std", "minimum", "maximum", "rms", "dominant_frequency", "energy", "zero_crossings")
# Rows that are worked on together. Their float64 copy fits into a core's cache.
BLOCK = 256


def handcrafted(traces: np.ndarray, interval_us: float) -> np.ndarray:
    """The features named in HANDCRAFTED, float64 (n, 8), of traces float32 (n, samples).

    Amplitudes are in the unit of the data. dominant_frequency is in Hz: the highest peak of the amplitude
    spectrum without 0 Hz; 0 for a trace without any. energy is the sum of squares. zero_crossings counts the
    changes of sign. `interval_us` is in microseconds. Samples must be finite.
    """
    out = np.empty((len(traces), len(HANDCRAFTED)))
    size = block_rows(traces.shape[1])
    for start in range(0, len(traces), size):
        block = np.ascontiguousarray(traces[start : start + size])
        handcraft(block, block.astype(np.float64), interval_us, out[start : start + size])
    return out


def block_rows(samples: int) -> int:
    """The number of traces that are worked on together."""
    return min(BLOCK, rows_at_once(samples))


def handcraft(traces: np.ndarray, exact: np.ndarray, interval_us: float, out: np.ndarray) -> None:
    """The same features of one block, into `out`. `exact` has the traces in float64."""
    # Use float64: squares of amplitudes beyond 1e19 overflow float32, and some surveys have such a scaling.
    samples = traces.shape[1]
    mean = exact.mean(axis=1)
    energy = np.einsum("ij,ij->i", exact, exact)
    low, high = traces.min(axis=1), traces.max(axis=1)
    centred = exact - mean[:, None]
    out[:, 0] = mean
    out[:, 1] = np.sqrt(np.einsum("ij,ij->i", centred, centred) / samples)
    out[:, 2] = low
    out[:, 3] = high
    out[:, 4] = np.sqrt(energy / samples)
    out[:, 5] = _dominant_frequency(traces, np.maximum(np.abs(low), np.abs(high)), interval_us)
    out[:, 6] = energy
    negative = traces < 0
    out[:, 7] = np.count_nonzero(negative[:, 1:] != negative[:, :-1], axis=1)


def _dominant_frequency(traces: np.ndarray, peak: np.ndarray, interval_us: float) -> np.ndarray:
    samples = traces.shape[1]
    if samples < 2:
        return np.zeros(len(traces))
    # Scale to 1, so that the float32 power spectrum neither overflows nor vanishes.
    scaled = traces / np.where(peak > 0, peak, 1).astype(np.float32)[:, None]
    spectrum = scipy.fft.rfft(scaled, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    power[:, 0] = 0
    best = power.argmax(axis=1)
    return best * (1e6 / (samples * interval_us))
