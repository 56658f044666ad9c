"""Turns the bytes of samples into amplitudes, and checks the declared sample format."""

import numpy as np
import segyio
import segyio._segyio  # tools.native needs it, and does not import it

from seismic.data.formats import FORMAT_NAMES, FORMATS, KINDS

IBM, INT32, IEEE, DOUBLE = 1, 2, 5, 6

# With fewer samples than this, or fewer different ones, nothing can be concluded.
ENOUGH = 200
DISTINCT = 30
# Recorded amplitudes are between these values. Most samples that are read in the wrong format are not.
SMALLEST, LARGEST = 1e-30, 1e15
PLAUSIBLE_SHARE = 0.8


def decode(raw: np.ndarray, format: int, endian: str) -> np.ndarray:
    """Samples (n, n_samples) of raw bytes, uint8 (n, bytes of a trace's samples), in C order.

    They have the format's own precision: float32 for floats of 4 bytes, otherwise the kind in KINDS.
    """
    mark = ">" if endian == "big" else "<"
    samples = raw.view(mark + KINDS[format])
    if format != IBM:
        return samples
    # segyio takes big-endian words, and writes the floats into their place.
    words = samples if endian == "big" else samples.astype(">u4")
    return segyio.tools.native(np.array(words), IBM, copy=False).reshape(samples.shape)


def unlikely(raw: np.ndarray, format: int, endian: str) -> str:
    """Why these samples probably do not have the file's declared format; empty if nothing speaks against it.

    `raw` is uint8 (n, bytes of a trace's samples). Zeros do not count, nor does the most frequent word, which
    may mean missing data.
    """
    if format not in (IBM, INT32, IEEE, DOUBLE):
        return ""
    mark = ">" if endian == "big" else "<"
    words = raw.view(f"{mark}u{FORMATS[format]}").astype(f"u{FORMATS[format]}").ravel()
    values, counts = np.unique(words[words != 0], return_counts=True)
    if counts.size:
        words = words[(words != 0) & (words != values[counts.argmax()])]
    if words.size < ENOUGH:
        return ""
    if format == INT32:
        # Floats of ordinary size have different exponents. Integers of this size all have half the largest
        # value here.
        exponents = (words >> 24 & 0x7F).astype(int)
        return "they look like floats" if np.mean(np.abs(exponents - 64) <= 12) > 0.98 else ""
    if format != DOUBLE and (other := _other_float(words, format)):
        return f"they look like {other}"
    with np.errstate(all="ignore"):
        big = words.astype(f">u{FORMATS[format]}").view(np.uint8).reshape(1, -1)
        size = np.abs(decode(big, format, "big").astype(np.float64))
        plausible = np.mean((size > SMALLEST) & (size < LARGEST))
    if plausible < PLAUSIBLE_SHARE:
        return f"read so, {1 - plausible:.0%} are no number, below {SMALLEST:g} or above {LARGEST:g}"
    return ""


def _other_float(words: np.ndarray, format: int) -> str:
    """The other float of 4 bytes, if the words are normalised like it.

    The first hexadecimal digit of an IBM fraction, bits 23 to 20 of the word, is never 0. In an IEEE float,
    the first of these bits is the last one of the exponent. If it is 0, the other bits are 0 for a sixth of
    the numbers.
    """
    digit = words >> 20 & 0xF
    even = digit < 8
    # If there are few different numbers, such as classes, any digit may be missing.
    if not 0.05 <= even.mean() <= 0.95 or np.unique(words[even]).size < DISTINCT:
        return ""
    zero = np.mean(digit[even] == 0)
    if format == IBM:
        return FORMAT_NAMES[IEEE] if zero > 0.03 else ""
    # Numbers of one magnitude may lack the digit by chance, but not numbers of several magnitudes.
    _, counts = np.unique(words[even] >> 24 & 0x7F, return_counts=True)
    several = np.count_nonzero(counts > words.size // 100) >= 2
    return FORMAT_NAMES[IBM] if zero < 0.002 and several else ""
