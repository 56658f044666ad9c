"""Writes SEG-Y revision 1 for the demo survey: 3D, big-endian, IBM or IEEE floats."""

import struct

import numpy as np

# Metres between traces, and the survey's corner.
SPACING, ORIGIN_X, ORIGIN_Y = 25, 600_000, 6_070_000
_FIELDS = {
    "sequence_line": (0, ">i4"), "sequence_file": (4, ">i4"), "record": (8, ">i4"), "trace": (12, ">i4"),
    "cdp": (20, ">i4"), "kind": (28, ">i2"), "elevation_scalar": (68, ">i2"),
    "coordinate_scalar": (70, ">i2"), "samples": (114, ">u2"), "interval": (116, ">u2"),
    "x": (180, ">i4"), "y": (184, ">i4"), "inline": (188, ">i4"), "crossline": (192, ">i4"),
}  # fmt: skip


def file_headers(samples: int, interval_us: int, format: int, text: list[str]) -> bytes:
    """The 3200-byte EBCDIC header and the 400-byte binary header. `text` has up to 37 lines of the former."""
    lines = [*text, *[""] * (38 - len(text)), "SEG Y REV1", "END TEXTUAL HEADER"]
    card = "".join(f"C{number:2d} {line:<76.76}" for number, line in enumerate(lines, 1))
    binary = bytearray(400)
    struct.pack_into(">iii", binary, 0, 1, 1, 1)
    struct.pack_into(">H", binary, 16, interval_us)
    struct.pack_into(">H", binary, 20, samples)
    struct.pack_into(">h", binary, 24, format)
    # Sorting code 4 means horizontally stacked. Measurement system 1 means metres. Revision 1.0, fixed
    # length.
    struct.pack_into(">h", binary, 28, 4)
    struct.pack_into(">h", binary, 54, 1)
    struct.pack_into(">HH", binary, 300, 0x0100, 1)
    return card.encode("cp500") + bytes(binary)


def trace_records(traces: np.ndarray, first: int, inline: int, interval_us: int, format: int) -> bytes:
    """Headers and samples of one inline's traces, float32 (crosslines, samples).

    `first` is the number of traces before them. Crosslines count from 1.
    """
    count, samples = traces.shape
    names = [*_FIELDS, "data"]
    record = np.dtype(
        {
            "names": names,
            "formats": [*(kind for _, kind in _FIELDS.values()), (">u4", (samples,))],
            "offsets": [*(offset for offset, _ in _FIELDS.values()), 240],
            "itemsize": 240 + 4 * samples,
        }
    )
    # Use zeros, not empty, because the padding between the fields is written too.
    records = np.zeros(count, dtype=record)
    crossline = np.arange(1, count + 1)
    records["sequence_line"], records["trace"] = crossline, 1
    records["sequence_file"] = first + crossline
    records["record"], records["inline"] = inline, inline
    records["cdp"], records["crossline"] = crossline, crossline
    # Kind 1 means live seismic data. Scalars of 1 leave values unchanged.
    records["kind"] = records["elevation_scalar"] = records["coordinate_scalar"] = 1
    records["samples"], records["interval"] = samples, interval_us
    records["x"] = ORIGIN_X + SPACING * crossline
    records["y"] = ORIGIN_Y + SPACING * inline
    if format == 1:
        records["data"] = to_ibm(traces)
    elif format == 5:
        records["data"] = np.ascontiguousarray(traces, dtype=np.float32).view(np.uint32)
    else:
        raise ValueError(f"format {format} is neither 1 (IBM float) nor 5 (IEEE float)")
    return records.tobytes()


def to_ibm(values: np.ndarray) -> np.ndarray:
    """IBM hexadecimal floats as uint32, of the shape of `values`; correct to 2**-21 of the value.

    Source: IBM System/360 Principles of Operation: sign, exponent of 16 plus 64, 24-bit fraction in
    [1/16, 1).
    """
    values = np.asarray(values, dtype=np.float32)
    fraction, exponent = np.frexp(np.abs(values))
    # value = fraction * 2**exponent, so it is 16**power with power = ceil(exponent / 4).
    power = -(-exponent // 4)
    mantissa = np.rint(np.ldexp(fraction, 24 + exponent - 4 * power)).astype(np.uint32)
    sign = np.signbit(values).astype(np.uint32) << 31
    return np.where(mantissa == 0, 0, sign | ((power + 64).astype(np.uint32) << 24) | mantissa)
